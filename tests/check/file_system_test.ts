/**
 * Kinds of file systems, and SD cards.
 */

import assert from "node:assert/strict";
import { isMemoryCard, troubleWith } from "../../src/check/file_system.ts";

Deno.test("troubleWith() knows where a database does not belong", () => {
  const bad = { 0x01021994: "tmpfs", 0x794c7630: "overlay", 0x6969: "NFS", 0x4d44: "FAT" };
  for (const [type, name] of Object.entries(bad)) {
    assert.equal(troubleWith(Number(type))?.name, name);
  }
  // ext4, btrfs, xfs, f2fs, zfs.
  const good = [0xef53, 0x9123683e, 0x58465342, 0xf2f52010, 0x2fc12fc1];
  assert.deepEqual(good.map(troubleWith), good.map(() => undefined));
});

Deno.test("troubleWith() takes numbers with a sign, as 32-bit systems have them", () => {
  assert.equal(troubleWith(0xff534d42 - 2 ** 32)?.name, "CIFS");
});

Deno.test("isMemoryCard() goes by the major number of the device", () => {
  // mmcblk0p2, sda1, vda, nvme0n1p1.
  assert.deepEqual([0xb302, 0x0801, 0xfe00, 0x10301].map(isMemoryCard), [
    true,
    false,
    false,
    false,
  ]);
});
