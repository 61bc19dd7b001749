/**
 * How `broker sub` and `broker rr` print a message: `-F`, `-v`, `-N`, `--pretty`.
 *
 * A format is compiled once into steps; a message runs through them. Owns what each code prints; the
 * grammar is in `format_parse.ts`, fields in `format_field.ts`. Invariant: payloads pass through byte
 * for byte; to a terminal, no control character of a message does.
 */

import type { PublishPacket } from "../../protocol/packet.ts";
import { ByteOutput } from "./byte_output.ts";
import {
  writeFloat,
  writeHexadecimal,
  writeInteger,
  writeMissingNumber,
  writeMissingText,
  writePayload,
  writeText,
} from "./format_field.ts";
import { type Field, type FormatCode, parseFormat, type Piece } from "./format_parse.ts";
import { writeJsonMessage } from "./json_message.ts";
import { isoTime, strftime } from "./strftime.ts";
import { visibleJson, visibleMessage } from "./terminal_text.ts";

/** When a message came. */
export interface ReceivedAt {
  /** Milliseconds since 1970, an integer. */
  readonly ms: number;
  /** Nanoseconds within the second. */
  readonly ns: number;
}

/** The bytes for standard output, with the line's end where Mosquitto writes one. */
export interface MessageFormatter {
  (message: PublishPacket, receivedAt: ReceivedAt): Uint8Array;
}

export interface FormatOptions {
  /** `--pretty`: JSON in several lines. */
  readonly pretty: boolean;
  /** `-N`: nothing after the message. */
  readonly noNewline?: boolean;
  /** It is printed on a terminal. */
  readonly isTerminal?: boolean;
  /** A code cannot print this message: the payload is not JSON, or no number of that size. */
  onProblem?(problem: string): void;
}

/** Writes one piece of the format. */
type Step = (out: ByteOutput, message: PublishPacket, receivedAt: ReceivedAt) => void;

const NEWLINE = 0x0a;
/** They print what was published as it is: numbers, times and hexadecimal do no harm. */
const PUBLISHED: ReadonlySet<FormatCode> = new Set(["C", "D", "P", "R", "p", "t"]);

const encoder = new TextEncoder();

/** `-F`. Throws an Error that names what is wrong, at which character, and what is allowed. */
export function compileFormat(format: string, options: FormatOptions): MessageFormatter {
  const steps = parseFormat(format).map((piece) => compilePiece(piece, options));
  if (!options.noNewline) steps.push((out) => out.byte(NEWLINE));
  const out = new ByteOutput();
  return (message, receivedAt) => {
    for (const step of steps) step(out, message, receivedAt);
    return out.take();
  };
}

/** Without `-F`: the payload, after the topic if `verbose`. An empty payload alone prints nothing. */
export function plainFormatter(
  options: {
    readonly verbose: boolean;
    readonly noNewline: boolean;
    readonly isTerminal?: boolean;
  },
): MessageFormatter {
  const out = new ByteOutput();
  return (message) => {
    const { topicName, payload } = options.isTerminal ? visibleMessage(message) : message;
    if (payload.length === 0) {
      if (options.verbose && !options.noNewline) out.text(`${topicName} (null)\n`);
      return out.take();
    }
    if (options.verbose) out.text(`${topicName} `);
    out.bytes(payload);
    if (!options.noNewline) out.byte(NEWLINE);
    return out.take();
  };
}

function compilePiece(piece: Piece, options: FormatOptions): Step {
  switch (piece.kind) {
    case "text": {
      const bytes = encoder.encode(piece.text);
      return (out) => out.bytes(bytes);
    }
    case "time":
      return compileTime(piece.conversion);
    case "value": {
      const step = compileValue(piece.code, piece.field, options);
      if (!options.isTerminal || !PUBLISHED.has(piece.code)) return step;
      return (out, message, receivedAt) => step(out, visibleMessage(message), receivedAt);
    }
  }
}

function compileTime(conversion: string): Step {
  if (conversion === "N") return (out, _, { ns }) => out.text(nanoseconds(ns));
  const text = onceASecond((ms) => strftime(conversion, ms));
  return (out, _, { ms }) => out.text(text(ms));
}

/** The codes of PUBLISH's own fields; the rest is of properties, payloads and time. */
function compileValue(code: FormatCode, field: Field, options: FormatOptions): Step {
  switch (code) {
    case "l":
      return (out, { payload }) => writeInteger(out, payload.length, field);
    case "m":
      return (out, { packetIdentifier }) => writeInteger(out, packetIdentifier, field);
    case "p":
      return (out, { payload }) => writePayload(out, payload, field);
    case "q":
      return (out, { qos }) => out.text(String(qos));
    case "r":
      return (out, { retain }) => out.text(retain ? "1" : "0");
    case "t":
      return (out, { topicName }) => writeText(out, topicName, field);
    case "X":
      return (out, { payload }) => writeHexadecimal(out, payload, field, "0123456789ABCDEF");
    case "x":
      return (out, { payload }) => writeHexadecimal(out, payload, field, "0123456789abcdef");
    default:
      return compileProperty(code, field) ?? compileRest(code, field, options);
  }
}

function compileProperty(code: FormatCode, field: Field): Step | undefined {
  switch (code) {
    case "A":
      return (out, { properties }) => writeOptional(out, properties.topicAlias, field);
    case "C":
      return (out, { properties: { contentType } }) =>
        contentType === undefined
          ? writeMissingText(out, field)
          : writeText(out, contentType, field);
    case "D":
      return (out, { properties: { correlationData } }) => {
        if (correlationData !== undefined) out.bytes(correlationData);
      };
    case "E":
      return (out, { properties }) => writeOptional(out, properties.messageExpiryInterval, field);
    case "F":
      return (out, { properties }) => writeOptional(out, properties.payloadFormatIndicator, field);
    case "P":
      return (out, { properties: { userProperties = [] } }) =>
        out.text(userProperties.map(([name, value]) => `${name}:${value}`).join(" "));
    case "R":
      // Unlike a Content Type that is missing, this leaves no blanks: so Mosquitto does it.
      return (out, { properties: { responseTopic } }) => {
        if (responseTopic !== undefined) writeText(out, responseTopic, field);
      };
    case "S":
      return (out, { properties }) =>
        writeOptional(out, properties.subscriptionIdentifiers?.[0], field);
    default:
      return undefined;
  }
}

function compileRest(code: FormatCode, field: Field, options: FormatOptions): Step {
  switch (code) {
    case "I": {
      const text = onceASecond((ms) => isoTime(ms));
      return (out, _, { ms }) => writeText(out, text(ms), field);
    }
    case "U":
      return (out, _, { ms, ns }) => out.text(`${Math.floor(ms / 1000)}.${nanoseconds(ns)}`);
    case "d":
      return compileFloat(8, (view) => view.getFloat64(0, true), field, options);
    case "f":
      return compileFloat(4, (view) => view.getFloat32(0, true), field, options);
    case "J":
      return compileJson(true, options);
    case "j":
      return compileJson(false, options);
    default:
      throw new Error(`Cannot compile the code %${code}: it prints nothing`);
  }
}

/** Little-endian, as the computers that publish such payloads are. */
function compileFloat(
  size: number,
  read: (view: DataView) => number,
  field: Field,
  { onProblem }: FormatOptions,
): Step {
  return (out, { topicName, payload }) => {
    if (payload.length === size) {
      const view = new DataView(payload.buffer, payload.byteOffset, size);
      return writeFloat(out, read(view), field);
    }
    onProblem?.(
      `Cannot print the payload on ${topicName} as a floating-point number: ` +
        `${size} bytes expected, ${payload.length} came`,
    );
  };
}

function compileJson(payloadIsJson: boolean, options: FormatOptions): Step {
  const { pretty, isTerminal, onProblem } = options;
  const shown = new ByteOutput();
  // "." stands in the text once, where the fraction goes.
  const time = onceASecond((ms) => isoTime(ms, "."));
  return (out, message, { ms, ns }) => {
    const timestamp = time(ms).replace(".", `.${nanoseconds(ns).slice(0, 6)}`);
    const json = isTerminal ? shown : out;
    const isWritten = writeJsonMessage(json, message, timestamp, { pretty, payloadIsJson });
    if (isTerminal) out.bytes(visibleJson(shown.take()));
    if (isWritten) return;
    onProblem?.(`Error: Message payload is not valid JSON on topic ${message.topicName}.`);
  };
}

function writeOptional(out: ByteOutput, value: number | undefined, field: Field): void {
  if (value === undefined) writeMissingNumber(out, field);
  else writeInteger(out, value, field);
}

function nanoseconds(ns: number): string {
  return String(ns).padStart(9, "0");
}

/** Messages of one second have the same text. */
function onceASecond(make: (ms: number) => string): (ms: number) => string {
  let second = NaN;
  let text = "";
  return (ms) => {
    const now = Math.floor(ms / 1000);
    if (now !== second) {
      text = make(ms);
      second = now;
    }
    return text;
  };
}
