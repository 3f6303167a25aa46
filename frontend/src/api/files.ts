import { received, send } from './transport'

const FILE_DEADLINE = 120_000

function request(path: string, init?: RequestInit): Request {
  return new Request(new URL(path, location.origin), init)
}

/** Sends a form with files, as in `upload<Schema<'Import'>>('/api/v1/roster-imports', { class_id, file })`. */
export async function upload<T>(path: string, fields: Record<string, string | File>, headers?: HeadersInit): Promise<T> {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.append(name, value)
  const response = await send(request(path, { method: 'POST', body, headers }), { deadline: FILE_DEADLINE })
  return received<T>(response.json())
}

export interface Downloaded {
  blob: Blob
  name: string
}

function nameOf(response: Response, otherwise: string): string {
  const header = response.headers.get('content-disposition') ?? ''
  const encoded = /filename\*=utf-8''([^;]+)/i.exec(header)?.[1]
  if (encoded) return decodeURIComponent(encoded)
  return /filename="?([^";]+)"?/i.exec(header)?.[1] ?? otherwise
}

/** Fetches a file with the token. */
export async function download(path: string, otherwise = 'file'): Promise<Downloaded> {
  const response = await send(request(path), { deadline: FILE_DEADLINE, longBody: true })
  return { blob: await received(response.blob()), name: nameOf(response, otherwise) }
}

/** Hands a file to the browser's downloads. */
export function save(file: Downloaded): void {
  const url = URL.createObjectURL(file.blob)
  const link = document.createElement('a')
  link.href = url
  link.download = file.name
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
