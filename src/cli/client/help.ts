/**
 * The help of the client tools, and the parts of their man pages beside the options.
 *
 * Owns the words; the options come from their table. Loaded only when somebody asks for it.
 */

import { withChoices } from "../manual/manual.ts";
import { CLIENT_OPTIONS, type ClientOption } from "./options.ts";
import { type ClientTool, clientToolSummary } from "./tools.ts";

/** What a man page says beside the options. */
export interface ToolManual {
  readonly summary: string;
  /** What may follow `broker` and the tool, a line for each way. */
  readonly usage: readonly string[];
  readonly description: readonly string[];
  readonly examples: readonly (readonly [command: string, comment: string])[];
}

const SHARED = [
  "The options are those of Mosquitto's tools, 2.0 and 2.1: a script changes the program's name only. " +
  "MQTT 5 is spoken, and 3.1.1 with a broker that refuses 5, unless -V, -D or -x ask for a version.",
  "Options are also read from a file, one a line, before those of the command line: that of -o, else " +
  "broker_TOOL or mosquitto_TOOL in $XDG_CONFIG_HOME or ~/.config. A password is safer there than " +
  "after -P, where all who list the processes see it.",
  "-D PACKET PROPERTY VALUE takes connect, publish, subscribe, unsubscribe, disconnect and will as the " +
  "packet, and the properties by the specification's names: -D publish content-type text/plain, " +
  "-D connect user-property NAME VALUE.",
];

const EXIT_CODES =
  "Exit code: 0 when all went well; the Reason Code of CONNACK when the broker refuses the client " +
  "(135: not authorized), before MQTT 5 its Return Code (5); 7 when the connection is lost; 27 when " +
  "-W is over; 1 for everything else.";

const MANUALS: Readonly<Record<ClientTool, ToolManual>> = {
  pub: {
    summary: clientToolSummary("pub"),
    usage: [
      "-t topic (-m payload | -f file | -l | -s | -n) [options]",
      "-L url (-m payload | -f file | -l | -s | -n) [options]",
    ],
    description: [
      "Publishes one message, or with -l one for each line of standard input. With QoS 1 and 2 it " +
      "waits until the broker has the messages; with -l it connects again when the connection is " +
      "lost, and loses none of them.",
      ...SHARED,
      EXIT_CODES + " Ctrl-C ends with 130.",
    ],
    examples: [
      ["broker pub -t home/lamp -m on", "publish to the broker on this machine"],
      ["broker pub -h pi -u ann -P secret -t home/lamp -m on -q 1 -r", "log in, have it retained"],
      ["broker pub -t home/lamp -n -r", "delete the retained message"],
      ["tail -f sensor.log | broker pub -t home/log -l", "a message for each line"],
      ["broker pub -L mqtts://ann:secret@example.org/home/lamp -m on", "over TLS"],
    ],
  },
  sub: {
    summary: clientToolSummary("sub"),
    usage: ["-t filter... [options]", "-L url [-t filter...] [options]"],
    description: [
      "Prints the messages of the topics, a line each. It connects again when the connection is lost.",
      ...SHARED,
      "-F prints in a form: %t topic, %p payload, %q QoS, %r retained, %l length, %x payload in " +
      "hexadecimal, %j all of it in JSON, %J with the payload as JSON, %I time, %U seconds since " +
      "1970, @Y-@m-@d parts of the time, %P user properties, %C %D %E %F %R %S the other properties, " +
      "\\n \\t, %% and @@.",
      EXIT_CODES + " Ctrl-C ends with 0.",
    ],
    examples: [
      ["broker sub -t 'home/#' -v", "all messages below home, with their topics"],
      ["broker sub -t '$SYS/#' -C 20 -v", "twenty messages about the broker, then end"],
      ["broker sub -t home/temperature -C 1 -W 5", "one message, or exit code 27 after 5 s"],
      ["broker sub -t '#' -F '@H:@M:@S %t %x'", "time, topic, payload in hexadecimal"],
      ["broker sub -t 'old/#' --remove-retained --retained-only", "delete retained messages"],
    ],
  },
  rr: {
    summary: clientToolSummary("rr"),
    usage: ["-t topic -e topic (-m payload | -f file | -s | -n) [options]"],
    description: [
      "Subscribes to the response topic, publishes the request with it as its Response Topic, prints " +
      "the first message that comes, and ends.",
      ...SHARED,
      EXIT_CODES + " Ctrl-C ends with 130.",
    ],
    examples: [
      ["broker rr -t zigbee/get -e zigbee/answer -m '{}' -W 5", "wait 5 s at most"],
      ["broker rr -t ping -e pong -n --latency", "how long does it take?"],
    ],
  },
};

export function clientToolManual(tool: ClientTool): ToolManual {
  return MANUALS[tool];
}

/** Columns of the help: a terminal has at least as many. */
const WIDTH = 80;
/** Columns of an option's flags and value; what is longer has a line of its own. */
const TERM_WIDTH = 28;
const MARGIN = "  ";

export function clientToolHelp(tool: ClientTool): string {
  const { summary, usage, description, examples } = MANUALS[tool];
  const lines = [
    `Usage: broker ${tool} ${usage.join(`\n       broker ${tool} `)}`,
    "",
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    ...optionLines(tool),
    ...description.flatMap((paragraph) => ["", ...wrap(paragraph, WIDTH)]),
    "",
    "Examples:",
    ...examples.flatMap(([command, comment]) => [`  ${command}`, `      ${comment}`]),
  ];
  return `${lines.join("\n")}\n`;
}

function optionLines(tool: ClientTool): readonly string[] {
  const options = CLIENT_OPTIONS.filter((option) =>
    option.tools.includes(tool) && option.refused === undefined
  );
  const groups = [...new Set(options.map(({ group }) => group))];
  return groups.flatMap((group) => [
    "",
    `${group}:`,
    ...options.filter((option) => option.group === group).flatMap(entryOf),
  ]);
}

function entryOf(option: ClientOption): readonly string[] {
  const term = termOf(option);
  const indent = " ".repeat(MARGIN.length + TERM_WIDTH) + MARGIN;
  const lines = wrap(withChoices(option.description, option.choices ?? []), WIDTH - indent.length);
  if (term.length > TERM_WIDTH) return [MARGIN + term, ...lines.map((line) => indent + line)];
  const [first = "", ...others] = lines;
  return [
    `${MARGIN}${term.padEnd(TERM_WIDTH)}${MARGIN}${first}`,
    ...others.map((line) => indent + line),
  ];
}

function termOf({ flags, values }: ClientOption): string {
  return [flags.join(", "), ...values.map((value) => `<${value}>`)].join(" ");
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
