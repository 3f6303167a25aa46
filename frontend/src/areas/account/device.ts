const BROWSERS: [RegExp, string][] = [
  [/Edg(e|A|iOS)?\//, 'Edge'], [/OPR\//, 'Opera'], [/Firefox\/|FxiOS/, 'Firefox'], [/Chrome\/|CriOS/, 'Chrome'], [/Safari\//, 'Safari'],
]
const SYSTEMS: [RegExp, string][] = [
  [/HarmonyOS|OpenHarmony/, 'HarmonyOS'], [/Android/, 'Android'], [/iPhone|iPad/, 'iOS'], [/Windows/, 'Windows'], [/Mac OS X/, 'macOS'], [/Linux/, 'Linux'],
]

/** "Chrome · Windows" out of a user agent; programs by the first word. `wechat` is what WeChat is called here. */
export function deviceOf(agent: string | null | undefined, wechat: string): string | undefined {
  if (!agent) return undefined
  const browsers: typeof BROWSERS = [[/MicroMessenger/, wechat], ...BROWSERS]
  const found = [browsers, SYSTEMS].map((table) => table.find(([pattern]) => pattern.test(agent))?.[1]).filter(Boolean)
  return found.length > 0 ? found.join(' · ') : agent.split(/[\s/]/)[0]
}
