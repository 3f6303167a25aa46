import type { Same } from '..'
import type zh from '../zh-CN/teacher-home'

const en: Same<typeof zh> = {}
export default en
