// Runs in a page: nothing but what the browser has.

interface Got {
  readonly protocol: string
  readonly messages: readonly (string | readonly number[])[]
}

/** Subscribes, and takes so many messages. */
export function take(url: string, protocol: string | null, count: number): Promise<Got> {
  return new Promise((resolve, reject) => {
    const socket = protocol === null ? new WebSocket(url) : new WebSocket(url, protocol)
    socket.binaryType = 'arraybuffer'
    const messages: (string | readonly number[])[] = []
    socket.onmessage = ({ data }) => {
      messages.push(typeof data === 'string' ? data : [...new Uint8Array(data)])
      if (messages.length < count) return
      resolve({ protocol: socket.protocol, messages })
      socket.onclose = null
      socket.close()
    }
    socket.onclose = ({ code }) => reject(new Error(`closed with ${code}`))
  })
}

/** Subscribes, and waits for the end. */
export function end(url: string, protocol: string, say?: string): Promise<readonly [number, string]> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, protocol)
    socket.onopen = () => {
      if (say !== undefined) socket.send(say)
    }
    socket.onclose = ({ code, reason }) => resolve([code, reason])
  })
}
