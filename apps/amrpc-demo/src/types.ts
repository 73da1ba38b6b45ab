import { bytes, double, field, type Infer, i32, list, signature, string, struct } from '@hawser/schema'

/** Travels as a map by these names. */
export const Person = struct('demo.Person', {
  name: field(1, string),
  age: field(2, i32),
  likes: field(3, list(string)),
  photo: field(4, bytes),
})
export type Person = Infer<typeof Person>

/** What is published. */
export const Nag = struct('demo.Nag', { at: field(1, string), text: field(2, string) })
export type Nag = Infer<typeof Nag>

/** The functions of the server, as both sides know them. */
export const toStringType = signature([i32], string)
export const echoType = signature([bytes], bytes)
export const birthdayType = signature([Person], Person)
export const divideType = signature([double, double], double)
export const nagType = signature([string], i32)
