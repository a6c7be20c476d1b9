import { randomBytes } from "node:crypto";
import { autoDetect } from "@serialport/bindings-cpp";
import { SerialPortStream } from "@serialport/stream";
import { equal } from "../protocol/bytes.js";
import { type CborMap, type CborValue, decodeValue, encodeValue, isFields } from "../protocol/cbor/value.js";
import { FrameDemux } from "../protocol/provisioning/demux.js";
import { encodeFrame, KIND, type ProvisioningFrame } from "../protocol/provisioning/frame.js";
import { Failure } from "../site/lib/files/failure.js";
import { adviceFor } from "./advice.js";

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
	resolve(frame: { kind: number; value: CborValue }): void;
	reject(error: Error): void;
}

/** How a computer reaches its ports. */
export type SerialBinding = ReturnType<typeof autoDetect>;

/** One reader at the other end of a serial port. */
export class ReaderClient {
	readonly path: string;
	readonly #port: SerialPortStream;
	readonly #client = new Uint8Array(randomBytes(8));
	readonly #splitter: FrameDemux;
	#number = 0;
	#version = VERSIONS[1];
	#waiting: Waiting | undefined;
	#gone: Failure | undefined;
	/** Live events, while they are watched. */
	onEvent: ((event: CborMap) => void) | undefined;
	onGone: ((failure: Failure) => void) | undefined;

	private constructor(path: string, port: SerialPortStream) {
		this.path = path;
		this.#port = port;
		this.#splitter = new FrameDemux({ onFrame: (frame) => this.#frame(frame) });
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
	async request(name: string, parameters: CborMap = {}, patience = RETRY_MS * TRIES): Promise<CborValue> {
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
		throw adviceFor(error);
	}

	async close(): Promise<void> {
		this.#port.removeAllListeners("close");
		if (this.#port.isOpen) await new Promise<void>((resolve) => this.#port.close(() => resolve()));
	}

	async #exchange(payload: Uint8Array, patience: number): Promise<{ kind: number; value: CborValue }> {
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

	#frame(frame: ProvisioningFrame): void {
		if (!equal(frame.client, this.#client)) return;
		let value: CborValue;
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
		// A line that gives back what is sent, as a loopback plug's or a login's, is no reader.
		if (frame.kind !== KIND.reply && frame.kind !== KIND.error) return;
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
