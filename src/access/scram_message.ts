/**
 * The messages of a client in SCRAM (RFC 5802 sections 5 and 7), read as strictly as the grammar is.
 *
 * Owns the grammar. Does not own what the messages prove: `scram.ts`. Invariant: what was signed is
 * handed on as it was sent, never put together again.
 */

import { fromBase64 } from "./base64.ts";
import { SHA256_BYTES } from "./scram_verifier.ts";

/** Bytes of a message. Names and nonces are far shorter. */
export const MAXIMUM_MESSAGE_BYTES = 4096;

/** A message that is not one, or asks for what there is not. For the log: repeats nothing of it. */
export class ScramMessageError extends Error {
  override readonly name = "ScramMessageError";
}

export interface ClientFirst {
  /** What stands before the bare message, with both commas: the last message repeats it. */
  readonly gs2Header: string;
  readonly bare: string;
  /** As whom the client wants to act; undefined: as itself. */
  readonly authorizationIdentity: string | undefined;
  readonly username: string;
  readonly nonce: string;
}

export interface ClientFinal {
  readonly withoutProof: string;
  /** Base64, as sent. */
  readonly channelBinding: string;
  readonly nonce: string;
  readonly proof: Uint8Array;
}

/** Reads the client-first-message; throws `ScramMessageError`. */
export function parseClientFirst(data: Uint8Array): ClientFirst {
  const [flag = "", identity, ...attributes] = fieldsOf(data);
  if (flag.startsWith("p=")) {
    throw new ScramMessageError("it demands channel binding (p=), which there is not");
  }
  if (flag !== "n" && flag !== "y") {
    throw new ScramMessageError("it does not start with 'n,' or 'y,'");
  }
  if (identity === undefined) throw new ScramMessageError("it ends after its first letter");
  const [name, nonce, ...extensions] = attributes;
  refuseMandatory(attributes);
  const authorizationIdentity = identity === "" ? undefined : readName("a", identity);
  const first = {
    gs2Header: `${flag},${identity},`,
    bare: attributes.join(","),
    authorizationIdentity,
    username: readName("n", name),
    nonce: readNonce(nonce),
  };
  checkExtensions(extensions);
  return first;
}

/** Reads the client-final-message; throws `ScramMessageError`. */
export function parseClientFinal(data: Uint8Array): ClientFinal {
  const fields = fieldsOf(data);
  const proof = readProof(fields.pop());
  const [binding, nonce, ...extensions] = fields;
  refuseMandatory(fields);
  const channelBinding = binding?.startsWith("c=") ? binding.slice(2) : "";
  if (fromBase64(channelBinding) === undefined || channelBinding === "") {
    throw new ScramMessageError("it does not start with 'c=' and base64");
  }
  const final = { withoutProof: fields.join(","), channelBinding, nonce: readNonce(nonce), proof };
  checkExtensions(extensions);
  return final;
}

/** No value contains a comma: that of a name is written `=2C`. */
function fieldsOf(data: Uint8Array): string[] {
  if (data.length > MAXIMUM_MESSAGE_BYTES) {
    throw new ScramMessageError(
      `it has ${data.length} bytes, at most ${MAXIMUM_MESSAGE_BYTES} are allowed`,
    );
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    throw new ScramMessageError("it is not text in UTF-8");
  }
  if (text.includes("\0")) throw new ScramMessageError("it contains the character U+0000");
  return text.split(",");
}

/** An extension that must be understood (`m=`) cannot be: there are none yet. */
function refuseMandatory(attributes: readonly string[]): void {
  if (!attributes.some((attribute) => attribute.startsWith("m="))) return;
  throw new ScramMessageError("it demands an extension (m=), of which there are none");
}

function readName(letter: "a" | "n", attribute: string | undefined): string {
  const found = /^([an])=((?:[^=]|=2C|=3D)+)$/u.exec(attribute ?? "");
  if (found === null || found[1] !== letter) {
    throw new ScramMessageError(`its '${letter}=' is missing or no name`);
  }
  return (found[2] ?? "").replaceAll("=2C", ",").replaceAll("=3D", "=");
}

/** Printable ASCII but for the comma. */
function readNonce(attribute: string | undefined): string {
  const found = /^r=([!-~]+)$/.exec(attribute ?? "");
  if (found === null) throw new ScramMessageError("its nonce (r=) is missing or not printable");
  return found[1] ?? "";
}

function readProof(attribute: string | undefined): Uint8Array {
  const proof = attribute?.startsWith("p=") ? fromBase64(attribute.slice(2)) : undefined;
  if (proof?.length === SHA256_BYTES) return proof;
  throw new ScramMessageError(`it does not end with a proof (p=) of ${SHA256_BYTES} bytes`);
}

/** What is not known and not mandatory is passed over. */
function checkExtensions(extensions: readonly string[]): void {
  if (extensions.every((extension) => /^[A-Za-z]=[^]+$/.test(extension))) return;
  throw new ScramMessageError("it has an extension that is not of the form 'x=...'");
}
