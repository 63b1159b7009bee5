// Kinds of fields of requests.
export { Bool, BoolAsText, Integer, NumberAsText, OneOf } from './values.js';
export { Email, Id, Pattern, SingleLine, Text, TextList } from './texts.js';
export { NormalizedLine } from './normalized-line.js';
export { TimeZone, Timestamp } from './times.js';

// What goes with any of them.
export { Describe, Optional, OptionalOrNull } from './field.js';

// To validate requests.
export { StrictValidationPipe, validated } from './validated.js';

// For kinds of your own, and for OpenAPI documents.
export { Field, type FieldKind, describedFields } from './field.js';
