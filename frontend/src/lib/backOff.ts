/** Milliseconds to wait before the next try after so many failures in a row, twice as long each time; not all at once. */
export function backOff(failures: number, { first = 1_000, longest = 60_000, least = 0 } = {}): number {
  const wait = Math.min(first * 2 ** Math.max(0, failures - 1), longest)
  return Math.max(wait * (0.75 + Math.random() / 4), least)
}
