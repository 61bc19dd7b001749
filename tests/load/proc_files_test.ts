import assert from "node:assert/strict";
import {
  cpuSecondsOf,
  listeningInodes,
  memoryOf,
  processIdOf,
  programNameOf,
  residentBytesOf,
  unixInodes,
} from "../../src/load/proc_files.ts";

/** A stat as Linux writes it, with this name, virtual memory and pages. */
function stat(name: string, virtualBytes = 20_480, pages = 3): string {
  return `4242 (${name}) S 1 4242 4242 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 8 0 123 ` +
    `${virtualBytes} ${pages} 18446744073709551615 1 1 0 0 0 0 0\n`;
}

Deno.test("CPU time, name and number are found whatever the name is", () => {
  for (const name of ["mosquitto", "a b", ") R 1 (", "x)"]) {
    const text = stat(name);
    assert.deepEqual([cpuSecondsOf(text), programNameOf(text), processIdOf(text)], [2, name, 4242]);
  }
});

Deno.test("a text that is no stat has neither CPU time nor number", () => {
  for (const text of ["", "hello", "12 34", "12 (x", "{}"]) {
    assert.deepEqual([cpuSecondsOf(text), processIdOf(text)], [undefined, undefined], text);
  }
});

Deno.test("resident memory is only told where the size of a page is certain", () => {
  assert.equal(residentBytesOf(stat("x"), "x86_64"), 3 * 4096);
  assert.equal(residentBytesOf(stat("x"), "aarch64"), 3 * 4096);
  assert.equal(residentBytesOf(stat("x", 32_768), "x86_64"), 3 * 4096);
  assert.equal(residentBytesOf(stat("x", 32_768), "aarch64"), undefined);
});

Deno.test("memory is found in status, and a process that has ended has none", () => {
  const status = "Name:\tx\nVmPeak:\t 99 kB\nVmHWM:\t     300 kB\nVmRSS:\t     200 kB\n";
  assert.deepEqual(memoryOf(status), { rssBytes: 204_800, peakRssBytes: 307_200 });
  assert.equal(memoryOf("Name:\tx\nState:\tZ (zombie)\n"), undefined);
});

Deno.test("who listens at a port is found by its inode, connections are not", () => {
  const table =
    `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:075B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0
   1: 00000000:075B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1 0
   2: 0100007F:075B 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 333 1 0
   3: 0100007F:175B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 444 1 0
`;
  assert.deepEqual(listeningInodes(table, 0x75b), ["111", "222"]);
  assert.deepEqual(listeningInodes(table, 80), []);
});

Deno.test("a Unix socket is found by its path, with spaces too", () => {
  const table = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 555 /run/broker.sock
0000000000000000: 00000002 00000000 00010000 0001 01 666 /run/my broker.sock
0000000000000000: 00000003 00000000 00000000 0001 03 777
`;
  assert.deepEqual(unixInodes(table, "/run/broker.sock"), ["555"]);
  assert.deepEqual(unixInodes(table, "/run/my broker.sock"), ["666"]);
  assert.deepEqual(unixInodes(table, ""), ["777"]);
});
