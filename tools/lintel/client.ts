import { randomBytes } from "node:crypto";
import { autoDetect } from "@serialport/bindings-cpp";
import { SerialPortStream } from "@serialport/stream";
import { equal } from "../../src/bytes.js";
import { encodeFrame, type Frame, KIND } from "../../src/provisioning/frame.js";
import { Splitter } from "../../src/provisioning/splitter.js";
import { decodeValue, encodeValue, type Fields, isFields, type Value } from "../../src/provisioning/value.js";
import { Failure } from "./failure.js";

/** The newest protocol version of this `lintel`, and the oldest. */
const VERSIONS: readonly [number, number] = [1, 1];
/** A request without reply is sent again after this, ms. */
const RETRY_MS = 800;
const TRIES = 5;
/** For requests that the reader answers when something happened at the door. */
export const SLOW_MS = 50_000;

const UNPLUGGED = "Plug the reader in again and give the same command: it goes on where it stopped.";

interface Waiting {
	readonly number: number;
	resolve(frame: { kind: number; value: Value }): void;
	reject(error: Error): void;
}

/** How a computer reaches its ports. */
export type SerialBinding = ReturnType<typeof autoDetect>;

/** One reader at the other end of a serial port. */
export class ReaderClient {
	readonly path: string;
	readonly #port: SerialPortStream;
	readonly #client = new Uint8Array(randomBytes(8));
	readonly #splitter: Splitter;
	#number = 0;
	#version = VERSIONS[1];
	#waiting: Waiting | undefined;
	#gone: Failure | undefined;
	/** Live events, while they are watched. */
	onEvent: ((event: Fields) => void) | undefined;
	onGone: ((failure: Failure) => void) | undefined;

	private constructor(path: string, port: SerialPortStream) {
		this.path = path;
		this.#port = port;
		this.#splitter = new Splitter({ onFrame: (frame) => this.#frame(frame) });
		port.on("data", (bytes: Buffer) => this.#splitter.feed(new Uint8Array(bytes)));
		port.on("close", () => this.#lost());
		port.on("error", () => this.#lost());
	}

	/**
	 * `lintel` leaves DTR and RTS low: on ESP32 boards they are wired to reset and boot mode (docs/installing.md has each
	 * board's case). `binding`: another one than the computer's own, for specs.
	 */
	static async open(path: string, binding: SerialBinding = autoDetect()): Promise<ReaderClient> {
		const port = new SerialPortStream({
			binding,
			path,
			baudRate: 115_200,
			autoOpen: false,
			// Windows' driver would raise DTR at the open. On others the close lowers both lines, which are low already.
			hupcl: false,
		});
		await new Promise<void>((resolve, reject) =>
			port.open((error) => (error ? reject(cannotOpen(path, error)) : resolve())),
		);
		const error = await new Promise<Error | null | undefined>((resolve) =>
			port.set({ dtr: false, rts: false }, resolve),
		);
		// A pseudo-terminal has no such lines, so nothing can be reset by them.
		if (error && !/Inappropriate ioctl|ENOTTY/i.test(error.message)) {
			await new Promise<void>((resolve) => port.close(() => resolve()));
			throw cannotOpen(path, error);
		}
		return new ReaderClient(path, port);
	}

	get publicClient(): Uint8Array {
		return this.#client;
	}

	/** Sends one request and waits. Repeats it until there is a reply: the reader executes it once. */
	async request(name: string, parameters: Fields = {}, patience = RETRY_MS * TRIES): Promise<Value> {
		const { kind, value } = await this.#exchange(encodeValue([name, parameters]), patience);
		if (kind === KIND.reply) return value;
		const error = isFields(value) ? value : {};
		if (error.reason === "unsupported-version") {
			const { least, greatest } = error;
			const common = typeof greatest === "number" ? Math.min(greatest, VERSIONS[1]) : 0;
			if (common >= VERSIONS[0] && common >= Number(least) && common !== this.#version) {
				this.#version = common;
				return this.request(name, parameters, patience);
			}
			throw new Failure(
				"version",
				"unsupported-version",
				`this reader speaks protocol versions ${least} to ${greatest}, this lintel ${VERSIONS[0]} to ${VERSIONS[1]}`,
				Number(least) > VERSIONS[1] ? "Update lintel on this computer." : "Update the reader's firmware.",
			);
		}
		throw refusal(error);
	}

	async close(): Promise<void> {
		this.#port.removeAllListeners("close");
		if (this.#port.isOpen) await new Promise<void>((resolve) => this.#port.close(() => resolve()));
	}

	async #exchange(payload: Uint8Array, patience: number): Promise<{ kind: number; value: Value }> {
		if (this.#gone) throw this.#gone;
		this.#number = (this.#number + 1) & 0xffff;
		const number = this.#number;
		const client = this.#client;
		const bytes = encodeFrame({ version: this.#version, kind: KIND.request, client, number, payload });
		let repeat: NodeJS.Timeout | undefined;
		let end: NodeJS.Timeout | undefined;
		try {
			return await new Promise((resolve, reject) => {
				this.#waiting = { number, resolve, reject };
				const send = (): void => {
					this.#port.write(Buffer.from(bytes));
					this.#splitter.silence();
				};
				send();
				repeat = setInterval(send, RETRY_MS);
				end = setTimeout(
					() =>
						reject(
							new Failure(
								"unplugged",
								"no-answer",
								`nothing answers at ${this.path}`,
								"Check the cable, and that the reader has Lintel's firmware; then give the same command again.",
							),
						),
					patience,
				);
			});
		} finally {
			clearInterval(repeat);
			clearTimeout(end);
			this.#waiting = undefined;
		}
	}

	#frame(frame: Frame): void {
		if (!equal(frame.client, this.#client)) return;
		let value: Value;
		try {
			value = decodeValue(frame.payload);
		} catch {
			// The checksum was right, so this is a defect of the firmware; the request ends by its patience.
			return;
		}
		if (frame.kind === KIND.event) {
			if (isFields(value)) this.onEvent?.(value);
			return;
		}
		if (this.#waiting?.number === frame.number) this.#waiting.resolve({ kind: frame.kind, value });
	}

	#lost(): void {
		this.#gone = new Failure("unplugged", "unplugged", `the reader at ${this.path} was unplugged`, UNPLUGGED);
		this.#waiting?.reject(this.#gone);
		this.onGone?.(this.#gone);
	}
}

function cannotOpen(path: string, error: Error): Failure {
	const [, reason, advice] = CANNOT_OPEN.find(([pattern]) => pattern.test(error.message))!;
	// The binding says "Error: Permission denied, cannot open /dev/ttyUSB0".
	const why = error.message.replace(/^Error: /, "").replace(`, cannot open ${path}`, "");
	return new Failure("no-reader", reason, `cannot open ${path}: ${why}`, advice);
}

const CANNOT_OPEN: readonly (readonly [RegExp, string, string])[] = [
	[
		/lock|busy|resource temporarily/i,
		"port-busy",
		"Another program has the port. Close it, then give the same command again.",
	],
	[
		/permission|permitted|denied|EACCES/i,
		"no-permission",
		"Give your user access to serial ports, then log out and in again. On Linux: `sudo usermod -aG dialout $USER`, or the group that `ls -l` shows for the port.",
	],
	[
		/inappropriate ioctl|not a tty|is a directory|invalid argument/i,
		"no-serial-port",
		"This is no serial port. `lintel readers` lists the ports.",
	],
	[/no such file|ENOENT|not found/i, "no-port", "Check the cable; `lintel readers` lists the ports."],
	[/(?:)/, "cannot-open", "Check the cable; `lintel readers` lists the ports."],
];

const ADVICE: { readonly [reason: string]: string } = {
	"not-authorised": "Give a key that the site allows: --key site-key.json.",
	"not-allowed": "Use the site's key file, or reset the reader by its button held at power-up.",
	"try-later": "Too many wrong keys. Wait, then try again with the right one.",
	"no-challenge": "Give the same command again.",
	"wrong-door": "Plug in the reader of that door, or correct `id` in the file.",
	"already-commissioned": "`lintel reset` with the site's key makes it a new reader.",
	"invalid-configuration": "Correct the file and give the same command again; nothing was changed.",
	"unknown-command": "The reader's firmware is older than this lintel. Update the firmware.",
	damaged: "Hold the reader's button at power-up to reset it, then commission it again.",
	"plan-refused": "Sign a newer plan for this door with the site's key.",
	"reply-gone":
		"Another program works on the same cable. Close it, then give the same command again: it finds what is done already.",
	"out-of-order":
		"Another program speaks in this one's name on the cable. Unplug the reader, plug it in and give the same command again.",
	busy: "Wait until the other command has ended, then give the same command again.",
};

function refusal(error: Fields): Failure {
	const reason = typeof error.reason === "string" ? error.reason : "failed";
	const problems = Array.isArray(error.problems) ? (error.problems as readonly Fields[]) : [];
	const details = problems.map(({ field, message }) => `; ${String(field)} ${String(message)}`).join("");
	const wait = typeof error.retryAfter === "number" ? ` (for ${Math.ceil(error.retryAfter / 1000)} s)` : "";
	return new Failure(
		reason === "unknown-command" ? "version" : "refused",
		reason,
		`the reader refused: ${String(error.message ?? reason)}${wait}${details}`,
		advise(reason, error, problems),
	);
}

function advise(reason: string, { refusal }: Fields, problems: readonly Fields[]): string {
	// This lintel has found the file in order, so its settings are newer than the reader.
	if (problems.some((problem) => problem.reason === "unknown-field"))
		return "The reader's firmware is older than this setting: update it, or leave the setting out. Nothing was changed.";
	return (
		(typeof refusal === "string" ? PLAN_ADVICE[refusal] : undefined) ??
		ADVICE[reason] ??
		"Look at `lintel show`, then try again."
	);
}

const PLAN_ADVICE: { readonly [refusal: string]: string } = {
	"wrong-door": "Compile the plan for this reader's door: `lintel plan compile --door`.",
	"unknown-issuer": "The plan is signed by another key than this reader's site has.",
	"wrong-site": "The plan is another site's.",
	"not-newer":
		"The reader has this version or a newer one (`lintel show`): compile with a higher --plan-version.",
	"too-large": "The plan is more than this reader's flash holds: see --module of `lintel plan compile`.",
};
