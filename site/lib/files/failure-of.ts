// SPDX-License-Identifier: Apache-2.0

import { version } from "../version.js";
import { Failure, traceOf } from "./failure.js";

/** Any error as a `Failure`: errors of the operating system are for the user to correct, others are defects of `lintel`. */
export function failureOf(error: unknown): Failure {
	if (error instanceof Failure) return error;
	// Such as writing a report into a folder that does not exist, or onto a full disk.
	if (error instanceof Error && "syscall" in error && String(error.syscall).startsWith("spawn"))
		return new Failure(
			"no-reader",
			"no-program",
			`cannot run ${"path" in error ? error.path : "a program of this computer"}: ${error.message}`,
			"Install that program, or see that it is found by PATH.",
		);
	if (error instanceof Error && "code" in error && error.code === "EEXIST")
		return new Failure("input", "exists", error.message, "Give another name, or move that file away.");
	if (error instanceof Error && "syscall" in error)
		return new Failure(
			"input",
			"file",
			error.message,
			"Check the path, that you may read or write there, and that there is room.",
		);
	return new Failure(
		"internal",
		"internal",
		`internal error: ${traceOf(error)}`,
		`Report this, without any key: it is a defect of lintel ${version}.`,
	);
}
