export { type Driver, DriverConnection, type DriverConnectionOptions } from './connection.js'
