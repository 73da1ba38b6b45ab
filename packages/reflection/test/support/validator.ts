import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { JsonSchema } from '../../src/index.js'

/** Says what is wrong with a value; undefined where nothing is. */
export type Validator = (value: unknown) => string | undefined

// Keywords that it does not know are mistakes. What a schema leaves open is not.
const ajv = new Ajv2020({ strict: true, strictTypes: false, strictTuples: false, ownProperties: true })
formats.default(ajv)
ajv.addFormat('uint64', true)
// Where OpenAPI keeps what its schemas refer to.
ajv.addKeyword('components')

/** A validator of draft 2020-12. */
export function validator(schema: JsonSchema): Validator {
  const validate = ajv.compile(schema as object)
  return (value) => (validate(value) ? undefined : ajv.errorsText(validate.errors))
}
