import type { Same } from '..'
import type zh from '../zh-CN/admin'

const en: Same<typeof zh> = {}
export default en
