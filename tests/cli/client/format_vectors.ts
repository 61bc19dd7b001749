/**
 * The shape of output_format_vectors.json: messages, formats, and what mosquitto_sub printed.
 *
 * Bytes are kept as characters U+0000 to U+00FF.
 */

export interface VectorMessage {
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  /** As on the command line of mosquitto_pub. */
  readonly properties: readonly (readonly string[])[];
}

/** With what the broker added. */
export interface ReceivedMessage extends VectorMessage {
  readonly mid: number;
  readonly expiry: number | null;
}

export interface FormatVectors {
  readonly messages: readonly ReceivedMessage[];
  readonly printed: readonly { readonly format: string; readonly outputs: readonly string[] }[];
}

export function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
