/**
 * OpenTelemetry, where the program wants it: a span for each call and task at its owner, a span for each run as its
 * child, and the context carried from thread to thread. Whoever wants it names a module that registers an SDK; it is
 * loaded in every thread, since each has an API of its own.
 */
import type * as Api from '@opentelemetry/api';

/** What crosses a thread with a call: the headers of the propagator that the module registered. */
export type Carrier = Readonly<Record<string, string>>;

/** The span of a call that is not settled. */
export interface CallSpan {
  readonly carrier: Carrier;
  end(error?: unknown): void;
}

export class Telemetry {
  readonly #api: typeof Api;
  readonly #tracer: Api.Tracer;

  private constructor(api: typeof Api) {
    this.#api = api;
    this.#tracer = api.trace.getTracer('heddle');
  }

  /** Loads the module, a URL, in this thread. @throws TypeError when the API package is not there, or the module fails. */
  static async load(module: string): Promise<Telemetry> {
    let api: typeof Api;
    try {
      api = await import('@opentelemetry/api');
    } catch (error) {
      throw new TypeError(
        'Cannot start a runtime with telemetry: the package @opentelemetry/api is not installed; add it to the program',
        { cause: error },
      );
    }
    try {
      await import(module);
    } catch (error) {
      throw new TypeError(`Cannot start a runtime with telemetry "${module}": the module failed`, { cause: error });
    }
    return new Telemetry(api);
  }

  /** Begins the span of a call, a child of whatever span is present. */
  call(name: string): CallSpan {
    const { context, propagation, SpanKind, trace } = this.#api;
    const span = this.#tracer.startSpan(`${name} remote`, { kind: SpanKind.PRODUCER });
    const carrier: Record<string, string> = {};
    propagation.inject(trace.setSpan(context.active(), span), carrier);
    return { carrier, end: (error) => this.#end(span, error) };
  }

  /** Runs `action` in a span that is a child of the call's; it ends when what `action` returns has settled. */
  run<T>(name: string, carrier: Carrier, action: () => T): T {
    const { context, propagation, ROOT_CONTEXT, SpanKind, trace } = this.#api;
    const from = propagation.extract(ROOT_CONTEXT, carrier);
    const span = this.#tracer.startSpan(name, { kind: SpanKind.CONSUMER }, from);
    return context.with(trace.setSpan(from, span), () => {
      try {
        const result = action();
        if (result instanceof Promise)
          result.then(
            () => this.#end(span),
            (error) => this.#end(span, error),
          );
        else this.#end(span);
        return result;
      } catch (error) {
        this.#end(span, error);
        throw error;
      }
    });
  }

  #end(span: Api.Span, error?: unknown): void {
    if (error !== undefined) {
      span.recordException(error instanceof Error ? error : String(error));
      span.setStatus({ code: this.#api.SpanStatusCode.ERROR });
    }
    span.end();
  }
}

/** The telemetry of a thread in a runtime that names a module for it. @throws TypeError as `Telemetry.load`. */
export async function loadTelemetry(module: string | undefined): Promise<Telemetry | undefined> {
  return module === undefined ? undefined : await Telemetry.load(module);
}
