/**
 * What stands at the start of every payload, so that each message can be accounted for.
 *
 * Owns the places of the four numbers, 32 bits each, most significant byte first: when it was to be
 * sent (microseconds after the phase began), its number in its stream, the stream, and the tag that
 * tells this phase of this load from all else.
 */

/** Bytes that a payload has at least. */
export const MARK_BYTES = 16;

export const STAMP_AT = 0;
export const SEQUENCE_AT = 4;
export const STREAM_AT = 8;
export const TAG_AT = 12;

/** How long a phase may last, so that its stamps are unambiguous, in milliseconds. */
export const LONGEST_PHASE_MS = 60 * 60_000;
