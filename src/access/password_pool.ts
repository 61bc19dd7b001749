/**
 * The workers that verify passwords, and the queue in front of them.
 *
 * Owns the workers: the first starts with the first password, more only while all are busy, and all
 * end when there has been nothing to do for a while, for each holds the memory of an argon2id
 * computation. Invariant: a worker computes one verification at a time, at most `maximumQueued` wait,
 * and nobody is let into a queue that would take longer than `maximumWaitMs`.
 */

import type { Answer, Question, Verdict } from "./password_messages.ts";

/** The part of a `Worker` that the pool uses. */
export interface PasswordWorker {
  onmessage: ((event: MessageEvent<Answer>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(question: Question): void;
  terminate(): void;
}

export interface PoolOptions {
  readonly maximumWorkers?: number;
  /** More are answered with "busy". */
  readonly maximumQueued?: number;
  /** Milliseconds; where the queue would take longer, as far as can be told, it is "busy". */
  readonly maximumWaitMs?: number;
  /** Milliseconds without work after which the workers end. */
  readonly idleMs?: number;
  readonly startWorker?: () => PasswordWorker;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

interface Job {
  readonly question: Question;
  resolve(verdict: Verdict): void;
  reject(error: Error): void;
}

const MAXIMUM_QUEUED = 128;
/** Clients give up after ten or thirty seconds, and so does the broker (limits.connect_timeout). */
const MAXIMUM_WAIT_MS = 4000;
/** Until one is measured. */
const ASSUMED_COST_MS = 100;
/** The share that the last computation has in what one is taken to cost. */
const NEWEST_SHARE = 0.2;
const IDLE_MS = 60_000;

/** One processor stays with the event loop, and two times 19 MiB are enough on a small machine. */
function workersOfThisMachine(): number {
  return Math.min(2, Math.max(1, navigator.hardwareConcurrency - 1));
}

/** Beside this module when run from source; beside the program, as a `.js`, in the executable. */
function startPasswordWorker(): PasswordWorker {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const url = new URL(`./password_worker.${ending}`, import.meta.url);
  return new Worker(url, { type: "module", name: "password" });
}

export class PasswordPool {
  readonly #maximumWorkers: number;
  readonly #maximumQueued: number;
  readonly #maximumWaitMs: number;
  readonly #now: () => number;
  readonly #idleMs: number;
  readonly #startWorker: () => PasswordWorker;
  readonly #busy = new Set<PasswordWorker>();
  readonly #idle: PasswordWorker[] = [];
  #queue: Job[] = [];
  readonly #warm = new WeakSet<PasswordWorker>();
  /** Milliseconds that a computation has taken lately. */
  #costMs = ASSUMED_COST_MS;
  /** What is being computed, to be answered when the pool is closed meanwhile. */
  readonly #running = new Map<PasswordWorker, Job>();
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(options: PoolOptions = {}) {
    this.#maximumWorkers = options.maximumWorkers ?? workersOfThisMachine();
    this.#maximumQueued = options.maximumQueued ?? MAXIMUM_QUEUED;
    this.#maximumWaitMs = options.maximumWaitMs ?? MAXIMUM_WAIT_MS;
    this.#now = options.now ?? (() => performance.now());
    this.#idleMs = options.idleMs ?? IDLE_MS;
    this.#startWorker = options.startWorker ?? startPasswordWorker;
  }

  /** How many workers there are. */
  get workerCount(): number {
    return this.#busy.size + this.#idle.length;
  }

  /**
   * Whether the password is that of the hash; "busy" when too many wait, or the pool is closed.
   * Rejects when it cannot be computed: the hash is not one, or the worker failed.
   */
  verify(password: Uint8Array, hash: string): Promise<Verdict> {
    const worker = this.#isClosed ? undefined : this.#freeWorker();
    const isFull = worker === undefined && this.#isFull;
    if (this.#isClosed || isFull) return Promise.resolve("busy");
    return new Promise((resolve, reject) => {
      const job = { question: { password, hash }, resolve, reject };
      if (worker === undefined) this.#queue.push(job);
      else this.#start(worker, job);
    });
  }

  get #isFull(): boolean {
    const waiting = this.#queue.length + 1;
    return waiting > this.#maximumQueued ||
      waiting * this.#costMs / this.#maximumWorkers > this.#maximumWaitMs;
  }

  /** Ends the workers. What waits is answered with "busy". */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#idleTimer);
    for (const { resolve } of [...this.#running.values(), ...this.#queue]) resolve("busy");
    for (const worker of [...this.#busy, ...this.#idle]) worker.terminate();
    this.#queue = [];
    this.#running.clear();
    this.#busy.clear();
    this.#idle.length = 0;
  }

  #freeWorker(): PasswordWorker | undefined {
    const worker = this.#idle.pop();
    if (worker !== undefined) return worker;
    return this.#busy.size < this.#maximumWorkers ? this.#startWorker() : undefined;
  }

  #start(worker: PasswordWorker, job: Job): void {
    clearTimeout(this.#idleTimer);
    this.#busy.add(worker);
    this.#running.set(worker, job);
    const startedMs = this.#now();
    worker.onmessage = ({ data }) => {
      // The first one includes the start of the worker.
      if (this.#warm.has(worker)) this.#learnCost(this.#now() - startedMs);
      this.#warm.add(worker);
      this.#busy.delete(worker);
      this.#running.delete(worker);
      this.#idle.push(worker);
      if ("failure" in data) job.reject(cannotVerify(data.failure));
      else job.resolve(data.isRight ? "right" : "wrong");
      this.#next();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      worker.terminate();
      this.#busy.delete(worker);
      this.#running.delete(worker);
      job.reject(cannotVerify(event.message));
      this.#next();
    };
    worker.postMessage(job.question);
  }

  #learnCost(milliseconds: number): void {
    this.#costMs += (milliseconds - this.#costMs) * NEWEST_SHARE;
  }

  #next(): void {
    const job = this.#queue.shift();
    const worker = job === undefined ? undefined : this.#freeWorker();
    if (job !== undefined && worker !== undefined) return this.#start(worker, job);
    if (this.#busy.size === 0) this.#endWhenIdle();
  }

  #endWhenIdle(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => {
      for (const worker of this.#idle.splice(0)) worker.terminate();
    }, this.#idleMs);
    Deno.unrefTimer(Number(this.#idleTimer));
  }
}

function cannotVerify(reason: string): Error {
  return new Error(`Cannot verify a password: ${reason}`);
}
