/**
 * Records what mosquitto_sub prints for many formats and messages, for output_format_test.ts.
 *
 * Run by hand, with mosquitto and mosquitto-clients installed:
 * `deno run -A tests/cli/client/record_format_vectors.ts`. It writes output_format_vectors.json.
 * Bytes are kept as characters U+0000 to U+00FF. Formats that print the time are not among them, nor
 * what Mosquitto 2.1 prints in another way than 2.0 does.
 */

import { repositoryPath } from "../../../build/paths.ts";
import { MosquittoBroker } from "../../e2e/mosquitto_broker.ts";
import { runProgram } from "../../support/programs.ts";
import { bytesOf, type FormatVectors, latin1, type VectorMessage } from "./format_vectors.ts";

const MESSAGES: readonly VectorMessage[] = [
  { topic: "t", payload: "hello", qos: 0, retain: false, properties: [] },
  { topic: "home/living room/temperature", payload: "21.5", qos: 1, retain: true, properties: [] },
  { topic: "empty", payload: "", qos: 2, retain: false, properties: [] },
  {
    topic: "binary",
    payload: latin1(Uint8Array.from({ length: 255 }, (_, index) => index + 1)),
    qos: 1,
    retain: false,
    properties: [],
  },
  {
    topic: "every/property",
    payload: '{"a":1}',
    qos: 2,
    retain: true,
    properties: [
      ["content-type", "application/json"],
      ["user-property", "unit", "C"],
      ["response-topic", "answer/here"],
      ["user-property", "unit", "K"],
      ["correlation-data", "c-17"],
      ["message-expiry-interval", "86400"],
      ["payload-format-indicator", "1"],
    ],
  },
  {
    topic: "gr\u00c3\u00bc\u00c3\u009fe",
    payload: "\u00c3\u00a4\u00c3\u00b6\u00c3\u00bc",
    qos: 0,
    retain: false,
    properties: [["content-type", "\u00e2\u0082\u00ac"], ["payload-format-indicator", "0"]],
  },
];

const PADDED = ["A", "C", "E", "F", "R", "S", "l", "m", "p", "t"];
const PLAIN = ["%", "D", "P", "X", "q", "r", "x"];
const FIELDS = ["", "0", "-", "-0", "1", "3", "8", "08", "-8", "-08", "20", "020", "-20"];
const MAXIMA = ["", ".", ".0", ".1", ".3", ".12"];

/** Every code with every kind of field. */
function allFormats(): string[] {
  const fields = FIELDS.flatMap((field) => MAXIMA.map((maximum) => field + maximum));
  const padded = PADDED.flatMap((code) => fields.map((field) => `%${field}${code}`));
  // Left-aligned without a width, Mosquitto writes as many blanks as the payload is long.
  const clean = padded.filter((format) => !/^%-0?(\.\d*)?p$/.test(format));
  const texts = ["%t %p", "a\\tb\\\\c\\a\\e\\n\\r\\v@@%%|%q%r", "\u00c3\u00bc%t\u00c3\u00bc", ""];
  return [...clean, ...PLAIN.map((code) => `%${code}`), ...texts];
}

async function record(): Promise<FormatVectors> {
  await using broker = await MosquittoBroker.start([
    "allow_anonymous true",
    "queue_qos0_messages true",
  ]);
  const server = ["-h", "127.0.0.1", "-p", new URL(broker.url).port, "-V", "5"];
  const session = ["-i", "vectors", "-c", "-q", "2", "-t", "#", "--retain-as-published"];
  await runProgram("mosquitto_sub", [...server, ...session, "-E"]);
  for (const message of MESSAGES) await publish(server, message);
  const formats = allFormats();
  const facts = ["%t", "%m", "%E"];
  const format = [...facts, ...formats].map((text) => `${text}\\0`).join("");
  // The payload with every byte has no U+0000, so that it can end each output.
  // Retained messages come once more, as it subscribes again.
  const count = MESSAGES.length + MESSAGES.filter(({ retain }) => retain).length;
  const args = [...server, ...session, "-C", String(count), "-N", "-F", utf8(format)];
  const { stdout } = await new Deno.Command("mosquitto_sub", { args }).output();
  const outputs = latin1(stdout).split("\0");
  const perMessage = formats.length + facts.length;
  const blocks = Array.from(
    { length: count },
    (_, index) => outputs.slice(index * perMessage, (index + 1) * perMessage),
  );
  // What was queued comes ordered by QoS first.
  const ordered = MESSAGES.map(({ topic }) =>
    blocks.find(([first]) => first === topic) as string[]
  );
  const messages = MESSAGES.map((message, index) => {
    const [, mid, expiry] = ordered[index] as string[];
    return { ...message, mid: Number(mid), expiry: expiry === "" ? null : Number(expiry) };
  });
  const printed = formats.map((text, at) => ({
    format: text,
    outputs: ordered.map((block) => block[facts.length + at] as string),
  }));
  return { messages, printed };
}

async function publish(server: string[], message: VectorMessage): Promise<void> {
  const properties = message.properties.flatMap((words) => ["-D", "publish", ...words]).map(utf8);
  const child = new Deno.Command("mosquitto_pub", {
    args: [
      ...server,
      ...["-t", utf8(message.topic), "-q", String(message.qos)],
      // It refuses to read nothing from standard input.
      message.payload === "" ? "-n" : "-s",
      ...(message.retain ? ["-r"] : []),
      ...properties,
    ],
    stdin: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(bytesOf(message.payload));
  await writer.close();
  await child.status;
}

/** Arguments are handed over in UTF-8. */
function utf8(text: string): string {
  return new TextDecoder().decode(bytesOf(text));
}

const file = repositoryPath("tests/cli/client/output_format_vectors.json");
await Deno.writeTextFile(file, `${JSON.stringify(await record(), null, 1)}\n`);
