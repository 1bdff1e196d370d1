/**
 * A real server on a free port over jobs in memory. Disposing it proves that the server left no timer, no
 * followed log and no socket behind.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { ActorInfo, ShutdownRequest, WorkerInfo } from '@heddle/api';
import { CountingIds, ManualClock, silentLogger } from '@heddle/base';
import { WebSocket } from 'ws';
import { type Server, type ServerOptions, startServer } from '../index.ts';
import { MemoryJobs } from './memory-jobs.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into, and a wrong one fails the test.
export type Json = any;

export class ServerHarness implements AsyncDisposable {
  readonly jobs: MemoryJobs;
  readonly clock: ManualClock;
  readonly server: Server;
  readonly shutdowns: ShutdownRequest[];
  readonly terminated: string[];
  /** What the server logged as a warning or an error. */
  readonly complaints: string[];

  private constructor(
    parts: Pick<ServerHarness, 'jobs' | 'clock' | 'server' | 'shutdowns' | 'terminated' | 'complaints'>,
  ) {
    this.jobs = parts.jobs;
    this.clock = parts.clock;
    this.server = parts.server;
    this.shutdowns = parts.shutdowns;
    this.terminated = parts.terminated;
    this.complaints = parts.complaints;
  }

  static async start(options: Partial<ServerOptions> = {}): Promise<ServerHarness> {
    const [jobs, clock] = [new MemoryJobs(), new ManualClock()];
    const shutdowns: ShutdownRequest[] = [];
    const terminated: string[] = [];
    const complaints: string[] = [];
    const complain = (_fields: object, message = '') => void complaints.push(message);
    const server = await startServer({
      port: 0,
      jobs,
      runtime: {
        listActors: () => [ACTOR],
        listWorkers: () => WORKERS,
        terminateWorker: async (id) => void terminated.push(id),
      },
      directory: '/state',
      onShutdown: (request) => shutdowns.push(request),
      clock,
      logger: { ...silentLogger, warn: complain, error: complain },
      ids: new CountingIds(),
      ...options,
    });
    return new ServerHarness({ jobs, clock, server, shutdowns, terminated, complaints });
  }

  get url(): string {
    return this.server.url;
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, init);
  }

  /** The answer to a GET, whatever its status. */
  async json(path: string): Promise<Json> {
    return (await this.fetch(path)).json() as Promise<Json>;
  }

  post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    return this.fetch(path, { method: 'POST', headers: { ...type, ...headers }, ...json });
  }

  /** Any bytes; gives all that comes back until the server closes the connection. */
  async raw(request: string): Promise<string> {
    const socket = connect(this.server.port, '127.0.0.1');
    socket.write(request);
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    await once(socket, 'close');
    return answer;
  }

  socket(path: string, headers: Record<string, string> = {}): TailReader {
    return new TailReader(new WebSocket(`${this.url.replace('http', 'ws')}${path}`, { headers }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
    assert.equal(this.clock.pendingTimers, 0, 'timers left');
    assert.equal(this.jobs.following, 0, 'followed logs left');
    await assert.rejects(once(connect(this.server.port, '127.0.0.1'), 'connect'), 'a listener is left');
  }
}

/** A WebSocket client that keeps what it is sent. */
export class TailReader {
  readonly socket: WebSocket;
  readonly frames: string[] = [];
  /** The close code, or the HTTP status that refused the upgrade. */
  readonly ended: Promise<number>;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => this.frames.push(String(data)));
    this.ended = new Promise((resolve) => {
      socket.on('unexpected-response', (request, response) => {
        resolve(response.statusCode ?? 0);
        request.destroy();
      });
      socket.on('close', resolve);
      socket.on('error', () => {});
    });
  }

  async opened(): Promise<this> {
    await once(this.socket, 'open');
    return this;
  }

  async frame(): Promise<string> {
    if (this.frames.length === 0) await once(this.socket, 'message');
    return this.frames[0]!;
  }
}

const ACTOR: ActorInfo = {
  actorId: 'actor_1',
  className: 'JobSupervisor',
  name: '_heddle_internal_job_actor_a',
  namespace: 'SUPERVISOR_ACTOR_NAMESPACE',
  state: 'ALIVE',
  workerId: 'worker_2',
  threadId: 2,
  pid: 7,
  restartCount: 0,
  isDetached: true,
  deathCause: null,
  startTime: 1,
  endTime: null,
};

const WORKERS: readonly WorkerInfo[] = [
  { workerId: 'worker_1', threadId: 0, pid: process.pid, role: 'driver', isAlive: true, busyMs: 0, actors: 0 },
  { workerId: 'worker_2', threadId: 2, pid: process.pid, role: 'system', isAlive: true, busyMs: 0, actors: 1 },
];
