// Runs in a page: the calls of the harbour by this client.
import { createClient } from '@hawser/client-lite'
import { callBy } from '../../../transport-ws/test/page/harbour.js'

callBy(createClient)

export * from '../../../transport-ws/test/page/harbour.js'
