import { type CborMap, type CborValue, decodeValue, encodeValue } from "../../../protocol/cbor/value.js";
import { FrameDemux } from "../../../protocol/provisioning/demux.js";
import { encodeFrame, KIND } from "../../../protocol/provisioning/frame.js";
import { type BytePort, ProvisioningClient } from "../../../site/lib/provisioning/client.js";

export type Answer = (name: string, parameters: CborMap) => CborValue;

/** A port behind which each request gets the reply that `answer` gives, at once. */
export function answeringPort(answer: Answer): BytePort {
	const requests = new FrameDemux({
		onFrame: ({ client, number, payload, version }) => {
			const [name, parameters] = decodeValue(payload) as readonly [string, CborMap];
			const reply = encodeValue(answer(name, parameters));
			port.onBytes?.(encodeFrame({ version, kind: KIND.reply, client, number, payload: reply }));
		},
	});
	const port: BytePort = {
		write: (bytes) => requests.feed(bytes),
		onBytes: undefined,
		onClosed: undefined,
		close: () => {},
	};
	return port;
}

/** A client of a reader that answers so. */
export function readerOf(answer: Answer): ProvisioningClient {
	return new ProvisioningClient(answeringPort(answer), new Uint8Array(8).fill(7));
}
