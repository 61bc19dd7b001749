import assert from "node:assert/strict";
import type { AttackResult } from "./attacker.ts";
import {
  type Attack,
  ATTACK_HEAD,
  attackRow,
  type AttackRun,
  ATTACKS,
  attackVerdict,
} from "./attacks.ts";
import type { LoadResult } from "./load.ts";

function client(p99: number, more: Partial<LoadResult> = {}): LoadResult {
  return {
    sent: 10,
    received: 10,
    missing: 0,
    in_per_s: 1,
    out_per_s: 1,
    lat_us: { p50: 1, p99, p999: p99, max: p99 },
    cpu_us_per_message: 1,
    rss_kb: 1,
    disconnects: 0,
    ...more,
  };
}

const attack: AttackResult = {
  seconds: 2,
  started: 2600,
  connected: 2500,
  answered: 2000,
  refused: 2000,
  accepted: 0,
  closed: 400,
  failed: 100,
  held: 100,
};

function run(quietUs: number, attackedUs: number, more: Partial<AttackRun> = {}): AttackRun {
  return {
    quiet: client(quietUs),
    attacked: client(attackedUs),
    attack,
    memoryMb: [60, 70, 61.5],
    ...more,
  };
}

function firstAttack(): Attack {
  const [first] = ATTACKS;
  assert.ok(first !== undefined);
  return { ...first, name: "logins" };
}

Deno.test("attackRow() shows the medians of the runs and what became of the attack", () => {
  const row = attackRow(firstAttack(), [run(100, 150), run(90, 900), run(200, 120)]);
  assert.deepEqual(
    row,
    ["logins", "100", "150", "1.50", "2", "ok", "60.0", "70.0", "61.5"]
      .concat(["1,250", "2,000", "400", "100"]),
  );
  assert.equal(row.length, ATTACK_HEAD.length);
});

Deno.test("attackRow() has no latency to show when no message came", () => {
  const silent = run(100, 0, { attacked: client(0, { received: 0, missing: 10 }) });
  assert.deepEqual(
    attackRow(firstAttack(), [silent]).slice(1, 6),
    ["100", "none came", "-", "2", "MISSING"],
  );
});

Deno.test("attackVerdict() allows twice the quiet latency", () => {
  assert.equal(attackVerdict(firstAttack(), [run(100, 200)], 2), "ok");
  assert.equal(attackVerdict(firstAttack(), [run(100, 201)], 2.01), "LATENCY");
});

Deno.test("attackVerdict() names what is worse than latency, in any run", () => {
  const verdict = (more: Partial<AttackRun>) =>
    attackVerdict(firstAttack(), [run(1, 1), run(1, 1, more)], 1);
  assert.equal(verdict({ attack: { ...attack, accepted: 1 } }), "LOGGED IN");
  assert.equal(verdict({ attack: { ...attack, connected: 0 } }), "NO ATTACK");
  assert.equal(verdict({ attacked: client(1, { disconnects: 1, missing: 1 }) }), "DISCONNECTED");
  assert.equal(verdict({ quiet: client(1, { missing: 1 }) }), "MISSING");
});

Deno.test("attackVerdict() asks that connections which never log in are closed", () => {
  const verdict = (holds: number) => attackVerdict({ ...firstAttack(), holds }, [run(1, 1)], 1);
  assert.equal(verdict(attack.closed), "ok");
  assert.equal(verdict(attack.closed + 1), "NOT CLOSED");
});

Deno.test("every attack has a name of its own", () => {
  assert.equal(new Set(ATTACKS.map(({ name }) => name)).size, ATTACKS.length);
});
