import type { NoticeCodecs } from '@hawser/wire'
import type { ServerPeer } from './options.js'
import type { Session } from './session.js'

/** The other end of a session as users see it: what the session does with bytes, with values. */
export function peerOf(id: string, session: Session, notices: NoticeCodecs): ServerPeer {
  const { connection, closed, close } = session
  return {
    id,
    info: connection.peer,
    closed,
    close,
    get codecs() {
      return session.codecs()
    },
    notify(type, message) {
      const [name = ''] = session.codecs()
      return session.notify(type, name, notices.of(type, name)!.encode(message))
    },
  }
}
