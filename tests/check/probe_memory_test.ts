/**
 * What the limits let the broker use, beside what there is.
 */

import assert from "node:assert/strict";
import type { Machine, MemoryFacts } from "../../src/check/machine.ts";
import { mostBytes, probeDescriptors, probeMemory } from "../../src/check/probe_memory.ts";
import { addToUnit } from "../../src/check/service_unit.ts";
import {
  examinationOf,
  examinationOfUnit,
  fakeMachine,
  GIBIBYTE,
  loadedFrom,
  shown,
} from "./fake_machine.ts";

const MEBIBYTE = 1024 * 1024;

function found(memory: MemoryFacts | undefined, config = ""): string[] {
  return shown(probeMemory(examinationOf(config, fakeMachine({}, { memory: () => memory }))));
}

function memory(total: number, available = total, limit?: number): MemoryFacts {
  return { totalBytes: total, availableBytes: available, limitBytes: limit };
}

Deno.test("mostBytes() is the sum of what clients may cost", () => {
  const config =
    "limits: {max_connections: 1, max_buffered_bytes: 1 MiB, max_retained_bytes: 2 MiB, " +
    "max_subscription_bytes: 4 MiB}\nsessions: {max_total_queued_bytes: 8 MiB}\n";
  assert.equal(mostBytes(loadedFrom(config).settings), (64 + 15) * MEBIBYTE + 8192);
});

Deno.test("probeMemory() is content when the limits fit into what is free", () => {
  assert.deepEqual(found(memory(4 * GIBIBYTE)), []);
});

Deno.test("probeMemory() warns of limits that allow more than there is, with some that fit", () => {
  const small = (part: number) =>
    `limits: {max_buffered_bytes: ${part} MiB, max_retained_bytes: ${part} MiB, ` +
    `max_subscription_bytes: ${part} MiB} and sessions: {max_total_queued_bytes: ${part} MiB}`;
  const end = ": clients could make the system end it | ";
  assert.deepEqual(found(memory(GIBIBYTE)), [
    "warning 1: The limits allow the broker 1.1 GiB of memory in all, and this machine has 1.0 " +
    `GiB${end}${small(128)}`,
  ]);
  assert.deepEqual(found(memory(8 * GIBIBYTE, 8 * GIBIBYTE, 200 * MEBIBYTE)), [
    "warning 1: The limits allow the broker 1.1 GiB of memory in all, and the service may use 200 " +
    `MiB${end}${small(16)}`,
  ]);
  // They do fit.
  const fits = "limits: {max_buffered_bytes: 16 MiB, max_retained_bytes: 16 MiB, " +
    "max_subscription_bytes: 16 MiB}\nsessions: {max_total_queued_bytes: 16 MiB, " +
    "max_queued_bytes: 1 MiB}\n";
  assert.ok(mostBytes(loadedFrom(fits).settings) < GIBIBYTE);
});

Deno.test("probeMemory() knows the limit of the unit", () => {
  const machine = fakeMachine({
    "/etc/systemd/system/broker.service": { text: "[Service]\nMemoryMax=512M\n" },
  });
  assert.match(
    shown(probeMemory(examinationOfUnit("", machine))).join(),
    /^warning 1: .*, and the service may use 512 MiB: /,
  );
});

Deno.test("probeMemory() notes what is free, and that nothing can be told", () => {
  assert.deepEqual(found(memory(4 * GIBIBYTE, GIBIBYTE / 2)), [
    "info 1: The limits allow the broker 1.1 GiB of memory in all; 512 MiB are free now",
  ]);
  assert.deepEqual(found(undefined), [
    "info 1: The memory was not looked at: the system does not say it",
  ]);
});

Deno.test("probeDescriptors() compares connections with the files that may be open", () => {
  const opening = (count: number | undefined, config = "") => {
    const answers: Partial<Machine> = {
      openableFiles: (wanted) => count === undefined ? undefined : Math.min(count, wanted),
    };
    return shown(probeDescriptors(examinationOf(config, fakeMachine({}, answers))));
  };
  assert.deepEqual([opening(20_000), opening(undefined)], [[], []]);
  assert.deepEqual(opening(1024, "limits:\n  max_connections: 5000\n"), [
    "warning 2: limits.max_connections is 5000, and the broker may open about 1024 files: further " +
    "connections would be kept waiting | ulimit -n 5064  # in the shell that starts it, as far as " +
    "'ulimit -Hn' allows; or limits: {max_connections: 960}",
  ]);
});

Deno.test("probeDescriptors() takes the limit of the unit, or that of systemd", () => {
  const withUnit = (text: string, config = "") => {
    const machine = fakeMachine(
      { "/etc/systemd/system/broker.service": { text: `[Service]\n${text}\n` } },
      { openableFiles: () => 0 },
    );
    return shown(probeDescriptors(examinationOfUnit(config, machine)));
  };
  assert.deepEqual(withUnit("LimitNOFILE=20000"), []);
  assert.deepEqual(withUnit("Type=simple"), [
    "warning 1: limits.max_connections is 10000, and the broker may open about 1024 files: further " +
    `connections would be kept waiting | ${addToUnit("LimitNOFILE=10064")}`,
  ]);
  assert.deepEqual(withUnit("Type=simple", "limits: {max_connections: 900}\n"), []);
});
