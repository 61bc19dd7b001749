/**
 * `-F`: every code, field and escape as the tools print them. What 2.0 and 2.1 print in another way
 * stands in `expected` for the one and in `ours` for the other.
 */

import type { ScriptedMessage } from "./recording_server.ts";
import { type ParityRow, rowsOf } from "./row.ts";

const sub = rowsOf("sub");

const FLAG = "-F";

const FULL: ScriptedMessage = {
  topic: "home/temp",
  payload: "21.5",
  qos: 1,
  retain: true,
  properties: {
    payloadFormatIndicator: 1,
    messageExpiryInterval: 60,
    contentType: "text/plain",
    responseTopic: "answer/here",
    correlationData: new Uint8Array([1, 255]),
    subscriptionIdentifiers: [9],
    userProperties: [["a", "1"], ["a", "2"]],
  },
};

const DATE = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d";
const V2_1 = "as Mosquitto 2.1 prints it; 2.0 is another";

/** Format and output, for the message FULL. */
const SAME: readonly (readonly [format: string, output: string | RegExp])[] = [
  ["%%", "%"],
  ["%A|%5A|", "|     |"],
  ["%C|%20C|%-20C|%.4C", "text/plain|          text/plain|text/plain          |text"],
  ["%D", "\u0001\u00ff"],
  ["%E|%06E|%-6E|", "60|000060|60    |"],
  ["%F|%3F", "1|  1"],
  ["%l|%04l", "4|0004"],
  ["%m", "1"],
  ["%P", "a:1 a:2"],
  ["%p|%8p|%08p|%-8p|%2p", "21.5|    21.5|000021.5|21.5    |21"],
  ["%q%r", "11"],
  ["%R|%.6R", "answer/here|answer"],
  ["%S|%4S", "9|   9"],
  ["%t|%12t|%-12t|%.4t|%6.4t", "home/temp|   home/temp|home/temp   |home|  home"],
  ["%x|%X", "32312e35|32312E35"],
  ["\\\\ \\a\\e\\n\\r\\t\\v\\0|@@", "\\ \u0007\u001b\n\r\t\u000b\u0000|@"],
  ["@!|@E|@J", "%!|%E|%J"],
  ["%I", new RegExp(`^${DATE}\\+0000$`)],
  ["%U", /^\d{10}\.\d{9}$/],
  ["@Y-@m-@dT@H:@M:@S@z @s.@N @Z", new RegExp(`^${DATE}\\+0000 \\d{10}\\.\\d{9} UTC$`)],
  ["@a @A @b @B @C @D @e @F @g", /^\w{3} \w+ \w{3} \w+ \d\d [\d/]{8} [ \d]\d [\d-]{10} \d\d$/],
  [
    "@G @h @I @j @k @l @p @P @r @R",
    /^\d{4} \w{3} \d\d \d{3} [ \d]\d [ \d]\d [AP]M [ap]m [\d:]{8} [AP]M \d\d:\d\d$/,
  ],
  ["@T @u @U @V @w @W @x @X @y", /^[\d:]{8} \d \d\d \d\d \d \d\d [\d/]{8} [\d:]{8} \d\d$/],
];

const ERRORS: readonly (readonly [what: string, format: string])[] = [
  ["a code that does not exist", "%k"],
  ["an escape that does not exist", "\\q"],
  ["a percent sign at the end", "%t %"],
  ["an @ at the end", "%t @"],
  ["a backslash at the end", "%t\\"],
];

const NEW: readonly (readonly [format: string, payload: string | Uint8Array, output: string])[] = [
  ["%.2x|%.2:X|%.4-x", "hello", "68 65 6c 6c 6f|68:65:6C:6C:6F|6865-6c6c-6f"],
  ["%8x|%12x|%-12x|", "hello", "68656c6c6f|  68656c6c6f|68656c6c6f  |"],
  ["%f|%.2f|%08.2f", new Uint8Array(new Float32Array([21.5]).buffer), "21.500000|21.50|00021.50"],
  [
    "%d|%.2d|%-8.1d|",
    new Uint8Array(new Float64Array([-0.25]).buffer),
    "-0.250000|-0.25|-0.2    |",
  ],
];

const MEMBERS =
  '"topic":"home/temp","qos":1,"retain":RETAIN,"payloadlen":4,"mid":1,"properties":\\{' +
  '"payload-format-indicator":1,"message-expiry-interval":60,"content-type":"text/plain",' +
  '"response-topic":"answer/here","correlation-data":"\\x01\\xff","subscription-identifier":9,' +
  '"user-properties":USER\\},"payload":PAYLOAD';

/** The JSON of FULL. */
function json(zone: string, retain: string, user: string, payload: string): RegExp {
  const members = MEMBERS.replace("RETAIN", retain).replace("USER", user)
    .replace("PAYLOAD", payload).replace("\\x01", "\\\\u0001");
  return new RegExp(`^\\{"tst":"${DATE}\\.\\d{6}${zone}","?${members.slice(1)}\\}\\n$`);
}

const V2_0_JSON = ["Z\\+0000", "1", '\\{"a":"1","a":"2"\\}'] as const;
const V2_1_JSON = ["\\+0000", "true", '\\[\\{"a":"1"\\},\\{"a":"2"\\}\\]'] as const;

const ALL = { messages: [FULL] };

export const FORMAT_ROWS: readonly ParityRow[] = [
  ...SAME.map(([format, output]) =>
    sub(FLAG, `prints ${JSON.stringify(format)}`, ["-t", "#", "-C", "1", "-N", "-F", format], {
      stdout: output,
    }, { script: ALL })
  ),
  ...ERRORS.map(([what, format]) =>
    sub(FLAG, `refuses ${what}`, ["-t", "t", "-F", format], { code: 1, sent: [] })
  ),
  ...NEW.map(([format, payload, output]) =>
    sub(FLAG, `prints ${format}`, ["-t", "#", "-C", "1", "-N", "-F", format], { stdout: output }, {
      script: { messages: [{ payload }] },
      since: "2.1",
    })
  ),
  sub(FLAG, "prints JSON with %j", "-t # -C 1 -F %j", { stdout: json(...V2_0_JSON, '"21\\.5"') }, {
    script: ALL,
    until: "2.1",
    ours: { stdout: json(...V2_1_JSON, '"21\\.5"') },
    why: `${V2_1}: "retain":0 there, a Z before the offset of tst, User Properties as an object`,
  }),
  sub(FLAG, "prints JSON with %J", "-t # -C 1 -F %J", { stdout: json(...V2_0_JSON, "21\\.5") }, {
    script: ALL,
    until: "2.1",
    ours: { stdout: json(...V2_1_JSON, "21\\.5") },
    why: `${V2_1}: "retain":0 there, a Z before the offset of tst, User Properties as an object`,
  }),
  sub(FLAG, "says when %J finds no JSON, and goes on", "-t # -C 2 -F %J", {
    stdout: /^\n\{.*"payload":\{"a":1\.5\}\}\n$/,
    says: /not valid JSON/,
  }, { script: { messages: [{ payload: "21,5" }, { payload: '{"a": 1.50}' }] } }),
  sub("--pretty", "prints JSON in lines", "-t # -C 1 -F %J --pretty", {
    stdout:
      /^\{\n\t"tst":\t.*\n(\t.*\n)*\t"payload":\t\{\n\t\t"a":\t\[1, \{\n\t{4}"b":\tnull\n\t{3}\}\]\n\t\}\n\}\n$/,
  }, { script: { messages: [{ payload: '{"a":[1,{"b":null}]}' }] } }),
  sub(FLAG, "passes every byte of the payload through", "-t # -C 1 -F <%p>", {
    stdout: `<${Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join("")}>\n`,
  }, {
    script: { messages: [{ payload: Uint8Array.from({ length: 256 }, (_, byte) => byte) }] },
  }),
  sub(FLAG, "writes no blanks after %-p without a width", "-t # -C 1 -N -F %-p|", {
    stdout: "21.5    |",
  }, {
    script: ALL,
    ours: { stdout: "21.5|" },
    why: "Mosquitto writes as many blanks as the payload is long, for no reason",
  }),
  sub(FLAG, "prints large Message Expiry Intervals", "-t # -C 1 -N -F %E", { stdout: "-1" }, {
    script: { messages: [{ properties: { messageExpiryInterval: 4_294_967_295 } }] },
    ours: { stdout: "4294967295" },
    why: "Mosquitto prints it as a signed number",
  }),
  sub(FLAG, "prints %x in a field", ["-t", "#", "-C", "1", "-N", "-F", "%12x"], {
    stdout: "        3231",
  }, {
    script: ALL,
    until: "2.1",
    ours: { stdout: "    32312e35" },
    why: `${V2_1}: it leaves out half of the payload`,
  }),
];
