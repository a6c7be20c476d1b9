// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { locale } from "../words.js";

/** A day, and where it is wanted a time of day, as the plan file has them: "2030-05-01" or "2030-05-01T08:00". "": none. */
export function MomentField({
	label,
	hint,
	time,
	value,
	onInput,
}: {
	label: string;
	hint?: string;
	/** What the time's own field is called. */
	time: string;
	value: string;
	onInput: (value: string) => void;
}): JSX.Element {
	const id = useId();
	const [day = "", hour = ""] = value.replace("Z", "").split("T");
	const utc = value.endsWith("Z") ? "Z" : "";
	const both = (day: string, hour: string): string =>
		day === "" || hour === "" ? day : `${day}T${hour}${utc}`;
	return (
		<div class="field">
			<label for={id}>{label}</label>
			<div class="moment">
				<input
					id={id}
					type="date"
					value={day}
					aria-describedby={hint === undefined ? undefined : `${id}-hint`}
					onInput={(event) => onInput(both(event.currentTarget.value, hour))}
				/>
				<input
					type="time"
					// Plans count in steps of 5 minutes.
					step={300}
					aria-label={`${label}: ${time}`}
					value={hour}
					onInput={(event) => onInput(both(day, event.currentTarget.value))}
				/>
				{utc !== "" && <span>UTC</span>}
			</div>
			{hint !== undefined && (
				<p class="hint" id={`${id}-hint`}>
					{hint}
				</p>
			)}
		</div>
	);
}

/** "2030-05-01T08:00" as people of the language write it. */
export function momentText(moment: string): string {
	const [, day = "", hour, utc] = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(Z?))?$/.exec(moment) ?? [];
	if (day === "") return moment;
	// As UTC, so that no time zone of the browser's moves it.
	const at = new Date(`${day}T${hour === "24:00" ? "00:00" : (hour ?? "00:00")}Z`);
	const style: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeZone: "UTC" };
	if (hour !== undefined) style.timeStyle = "short";
	return `${new Intl.DateTimeFormat(locale.value, style).format(at)}${utc === "Z" ? " UTC" : ""}`;
}
