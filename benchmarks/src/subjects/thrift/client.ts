import type { ConnectOptions, EchoClient } from '../../subject.js'
import { layout, thrift } from './library.js'
import { Client } from './service.js'

export async function connect(address: string, { variant }: ConnectOptions): Promise<EchoClient> {
  const connection = thrift.createConnection('127.0.0.1', Number(address), layout(variant))
  await new Promise<void>((resolve, reject) => {
    connection.on('connect', resolve)
    connection.on('error', reject)
  })
  return thrift.createClient(Client, connection)
}
