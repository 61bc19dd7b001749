/**
 * The flags of all clients about the tool itself, wrong flags, and exit codes.
 */

import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { CONNECT, failuresOfClients, type ParityRow, rowsOf } from "./row.ts";

const CLIENTS = ["pub", "sub", "rr"] as const;
const ERRANDS = { pub: "-t t -m m", sub: "-t t -C 1", rr: "-t t -e r -m m" } as const;

/** Mosquitto's tools end with 1 there. */
const ASKED_FOR = {
  bare: true,
  ours: { code: 0 },
  why: "what was asked for is no failure: the exit code is 0",
};

/** CONNACK's refusals in MQTT 3.1.1, and their return codes. */
const REFUSALS_3_1_1 = [
  [ReasonCode.UnsupportedProtocolVersion, 1],
  [ReasonCode.ClientIdentifierNotValid, 2],
  [ReasonCode.ServerUnavailable, 3],
  [ReasonCode.BadUserNameOrPassword, 4],
  [ReasonCode.NotAuthorized, 5],
] as const;

const REFUSALS_5 = [
  ReasonCode.BadUserNameOrPassword,
  ReasonCode.NotAuthorized,
  ReasonCode.Banned,
] as const;

export const GENERAL_ROWS: readonly ParityRow[] = [
  ...CLIENTS.map((tool) =>
    rowsOf(tool)("-d, --debug", "prints the packets", `${ERRANDS[tool]} -d`, {
      stdout: /CONNECT[^]*CONNACK[^]*(PUBLISH|SUBSCRIBE)/,
    }, { script: { response: "a", messages: [{}] } })
  ),
  ...CLIENTS.map((tool) =>
    rowsOf(tool)("--quiet", "prints no errors", `-h 127.0.0.1 -p 1 ${ERRANDS[tool]} --quiet`, {
      code: 1,
      stdout: "",
      says: /^$/,
    }, { bare: true })
  ),
  ...CLIENTS.map((tool) =>
    rowsOf(tool)("--help", "prints how it is used", "--help", {
      code: 1,
      stdout: /--will-topic/,
    }, ASKED_FOR)
  ),
  ...CLIENTS.map((tool) =>
    rowsOf(tool)("--version", "prints the version", "--version", {
      code: 1,
      stdout: /\d+\.\d+\.\d+/,
    }, ASKED_FOR)
  ),
  ...failuresOfClients("a flag that is none", "is an error", "--wrong"),
  ...failuresOfClients("a flag without its value", "is an error", "-i"),
  ...REFUSALS_3_1_1.map(([refuse, code]) =>
    rowsOf("pub")(
      "exit code",
      `is ${code} when an MQTT 3.1.1 server refuses with it`,
      "-t t -m m -V 311",
      { code, sent: ["CONNECT v4 'c'"] },
      { script: { refuse } },
    )
  ),
  ...(["sub", "rr"] as const).map((tool) =>
    rowsOf(tool)(
      "exit code",
      "is 5 when an MQTT 3.1.1 server refuses with it",
      `${ERRANDS[tool]} -V 311`,
      { code: 5, sent: ["CONNECT v4 'c'"] },
      { script: { refuse: ReasonCode.NotAuthorized } },
    )
  ),
  ...REFUSALS_5.flatMap((refuse) =>
    CLIENTS.map((tool) =>
      rowsOf(tool)(
        "exit code",
        `is ${refuse} when an MQTT 5 server refuses with it`,
        ERRANDS[tool],
        { code: refuse, sent: [CONNECT] },
        { script: { refuse } },
      )
    )
  ),
];
