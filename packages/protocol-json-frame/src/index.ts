/**
 * Length-prefixed JSON: calls for ten lines in any language.
 *
 * @module
 */
export {}
