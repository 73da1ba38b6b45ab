/**
 * What codecs that were generated ahead of time are made with.
 *
 * @module
 */
export { checkTuple, Refusal } from '@hawser/codec-base'
export { type CodecsOf, type Fields, type GeneratedOptions, generatedCodecs } from './generated.js'
export {
  changed,
  distinctFloats,
  entryKey,
  floatOf,
  heldTooMuch,
  highOfSafe,
  nestedTooDeep,
  notOneMember,
  outOfRange,
  own,
  putBinaryBytes,
  putBinaryLong,
  putBinaryText,
  putCompactBytes,
  putCompactHead,
  putCompactListHead,
  putCompactLong,
  putCompactText,
  putVarint,
  putWords,
  wrong,
} from './put.js'
export {
  cutShort,
  doubleOf,
  longOf,
  missing,
  notOne,
  otherType,
  type Reader,
  readBytes,
  repeated,
  safeLongOf,
  safeUnsignedLongOf,
  tooDeep,
  tooMany,
  twice,
  unsignedLongOf,
  wordOf,
} from './reader.js'
export { skipBinary, skipCompact } from './skip.js'
export {
  binaryTail,
  boolOf,
  checkId,
  shortOf,
  takeCompactHead,
  takeCompactListHead,
  takeCompactMapHead,
  takeVarint,
  takeWords,
} from './take.js'
export { readUtf8 } from './text.js'
export {
  measureUnknown,
  putUnknown,
  type UnknownField,
  unknownField,
  withUnknown,
} from './unknown-fields.js'
export { putUuid, takeUuid } from './uuid.js'
export { counted, enter, measureBytes, measureText, type Writer } from './writer.js'
