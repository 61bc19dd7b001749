/**
 * What `broker check` prints.
 */

import assert from "node:assert/strict";
import type { Finding } from "../../src/check/finding.ts";
import { checkJson, checkText, refusalJson } from "../../src/cli/check_report.ts";
import { CONFIG, examinationOf, fakeMachine } from "../check/fake_machine.ts";

const FINDINGS: readonly Finding[] = [
  { severity: "error", place: `${CONFIG}:3`, problem: "A port is taken", cure: "sudo ss -ltnp" },
  { severity: "error", place: undefined, problem: "The clock is wrong", cure: undefined },
  { severity: "warning", place: `${CONFIG}:1`, problem: "It is open", cure: undefined },
  { severity: "info", place: `${CONFIG}:1`, problem: "An SD card wears", cure: undefined },
];

function report(findings: readonly Finding[]) {
  const text = "persistence: {path: data/b.db}\nlimits: {max_sessions: 5}\n";
  const unit = "[Service]\nUser=broker\nStateDirectory=broker\n";
  const machine = fakeMachine({ "/etc/systemd/system/broker.service": { text: unit } });
  const { loaded, service } = examinationOf(text, machine);
  return { loaded, service, findings };
}

Deno.test("checkText() groups findings, each with its place and its cure", () => {
  const lines = checkText(report(FINDINGS));
  assert.equal(lines[0], `${CONFIG}: 2 errors, 1 warning`);
  assert.deepEqual(lines.slice(lines.indexOf("")), [
    "",
    "Errors:",
    `  ${CONFIG}:3: A port is taken`,
    "    cure: sudo ss -ltnp",
    "  The clock is wrong",
    "",
    "Warnings:",
    `  ${CONFIG}:1: It is open`,
    "",
    "Notes:",
    `  ${CONFIG}:1: An SD card wears`,
  ]);
});

Deno.test("checkText() says where the service has its data, and what the file says of it", () => {
  const lines = checkText(report([]));
  assert.equal(lines[0], `${CONFIG}: ok`);
  assert.deepEqual(lines.slice(3), [
    "Durability full, data in '/var/lib/broker/data/b.db': a power cut loses nothing that was " +
    "acknowledged",
    "Not the default:",
    "  limits.max_sessions: 5 (default 100000)",
    "  persistence.path: data/b.db (default broker.db)",
    "Looked at on this machine, for user 'broker'",
  ]);
});

Deno.test("checkJson() has everything in one document", () => {
  const [first] = FINDINGS;
  assert.deepEqual(JSON.parse(checkJson(report(FINDINGS.slice(0, 2)), 2)), {
    file: CONFIG,
    exitCode: 2,
    counts: { error: 2, warning: 0, info: 0 },
    user: "broker",
    unit: "/etc/systemd/system/broker.service",
    settings: {
      listeners: [
        "port 1883 on all addresses (IPv4 and IPv6), without TLS: anonymous clients from the local " +
        "network only",
      ],
      persistence: "Durability full, data in '/var/lib/broker/data/b.db': a power cut loses " +
        "nothing that was acknowledged",
      changes: [
        "limits.max_sessions: 5 (default 100000)",
        "persistence.path: data/b.db (default broker.db)",
      ],
    },
    findings: [
      first,
      { severity: "error", place: null, problem: "The clock is wrong", cure: null },
    ],
  });
});

Deno.test("refusalJson() has the line and column of what is wrong", () => {
  const problems = [
    { message: "Cannot use 'b'", range: { start: 3, end: 4 }, hint: "did you mean 'a'?" },
    { message: "Cannot read the file", range: undefined },
  ];
  assert.deepEqual(JSON.parse(refusalJson("f.yaml", "a:\nb:\n", problems, 2)), {
    file: "f.yaml",
    exitCode: 2,
    counts: { error: 2, warning: 0, info: 0 },
    user: null,
    unit: null,
    settings: null,
    findings: [
      {
        severity: "error",
        place: "f.yaml:2:1",
        problem: "Cannot use 'b'",
        cure: "did you mean 'a'?",
      },
      { severity: "error", place: "f.yaml", problem: "Cannot read the file", cure: null },
    ],
  });
});
