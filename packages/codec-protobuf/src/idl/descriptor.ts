const extended = [
  'File',
  'Message',
  'Field',
  'Oneof',
  'Enum',
  'EnumValue',
  'Service',
  'Method',
  'ExtensionRange',
]

/** As much of `google/protobuf/descriptor.proto` as there has to be for options to be declared, which change no layout. */
export const descriptor: { readonly path: string; readonly source: string } = {
  path: 'google/protobuf/descriptor.proto',
  source: `syntax = "proto2"; package google.protobuf;
${extended.map((name) => `message ${name}Options { extensions 1000 to max; }`).join('\n')}`,
}
