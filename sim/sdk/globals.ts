/** Imported first: @noble/curves makes its P-256 with a `TextEncoder`, which XS has as a module and not as a global. */
import TextEncoder from "text/encoder";

(globalThis as { TextEncoder?: unknown }).TextEncoder ??= TextEncoder;
