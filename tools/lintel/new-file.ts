import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";

/** Makes a file that was not there, whole; where that fails, as on a full disk, there is none after. `mode`: of a secret, 0o600. */
export function writeNew(path: string, content: string | Uint8Array, mode = 0o666): void {
	const descriptor = openSync(path, "wx", mode);
	try {
		writeFileSync(descriptor, content);
	} catch (error) {
		rmSync(path, { force: true });
		throw error;
	} finally {
		closeSync(descriptor);
	}
}
