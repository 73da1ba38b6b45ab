/**
 * What a server has: its methods by name with readable signatures, and OpenAPI.
 *
 * @module
 */
export {}
