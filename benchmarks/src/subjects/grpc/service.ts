import { fileURLToPath } from 'node:url'
import { type GrpcObject, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

export interface Text {
  readonly text: string
}

// The compiler does not copy it to dist/, so it is read where it stands.
const proto = fileURLToPath(new URL('../../../src/subjects/grpc/echo.proto', import.meta.url))

const loaded = loadPackageDefinition(
  loadSync(proto, { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true }),
)

export const Echo: ServiceClientConstructor = (loaded.bench as GrpcObject).Echo as ServiceClientConstructor
