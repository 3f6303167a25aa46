/** The language of a text that somebody wrote: `zh-CN` where it has Chinese characters, else `en`. For `lang`. */
export const languageOf = (text: string): 'zh-CN' | 'en' => (/\p{Script=Han}/u.test(text) ? 'zh-CN' : 'en')
