import type { Same } from '..'
import type zh from '../zh-CN/classes'

const en: Same<typeof zh> = {}
export default en
