/** What is used of the platform's WebSocket; declared here, so that no platform's types are needed. */
export interface NativeSocket {
  binaryType: string
  readonly readyState: number
  readonly bufferedAmount: number
  onopen: ((event: never) => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null
  onerror: ((event: never) => void) | null
  send(data: Uint8Array): void
  close(code?: number): void
}

/** The constructor `WebSocket` of browsers, and of whatever is like it. */
export type NativeWebSocket = new (url: string, protocols: string[]) => NativeSocket

/** `readyState` of a socket that takes messages. */
export const openState = 1
