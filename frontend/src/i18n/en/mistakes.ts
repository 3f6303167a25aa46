import type { Same } from '..'
import type zh from '../zh-CN/mistakes'

const en: Same<typeof zh> = {}
export default en
