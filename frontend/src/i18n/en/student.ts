import type { Same } from '..'
import type zh from '../zh-CN/student'

const en: Same<typeof zh> = {}
export default en
