// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import { refusalText } from "../words/refusals.js";

/** Sends once at a time, and says what the server refuses. */
export function Form({
	act,
	onSubmit,
	reasons,
	children,
	extra,
}: {
	/** What the button says. */
	act: string;
	onSubmit: () => Promise<void>;
	/** The page's words for refusals of its own. */
	reasons?: Readonly<Record<string, string>>;
	children: ComponentChildren;
	/** Other buttons. */
	extra?: ComponentChildren;
}): JSX.Element {
	const isBusy = useSignal(false);
	const refusal = useSignal("");
	const submit = async (event: Event): Promise<void> => {
		event.preventDefault();
		if (isBusy.value) return;
		isBusy.value = true;
		refusal.value = "";
		try {
			await onSubmit();
		} catch (error) {
			refusal.value = refusalText(error, reasons);
		} finally {
			isBusy.value = false;
		}
	};
	return (
		<form onSubmit={submit} aria-busy={isBusy.value}>
			{children}
			<div role="alert">{refusal.value !== "" && <p class="notice bad">{refusal.value}</p>}</div>
			<div class="actions">
				{extra}
				<button type="submit" class="primary" aria-disabled={isBusy.value}>
					{act}
				</button>
			</div>
		</form>
	);
}

/** A button that does one thing at a time, and says what the server refuses. */
export function Act({
	label,
	onAct,
	reasons,
	about,
	kind = "primary",
}: {
	label: string;
	/** What of many it is done to, for screen readers. */
	about?: string;
	onAct: () => Promise<void>;
	reasons?: Readonly<Record<string, string>>;
	kind?: "primary" | "grave" | "plain";
}): JSX.Element {
	const isBusy = useSignal(false);
	const refusal = useSignal("");
	const act = async (): Promise<void> => {
		if (isBusy.value) return;
		isBusy.value = true;
		refusal.value = "";
		try {
			await onAct();
		} catch (error) {
			refusal.value = refusalText(error, reasons);
		} finally {
			isBusy.value = false;
		}
	};
	return (
		<div class="act">
			<div role="alert">{refusal.value !== "" && <p class="notice bad">{refusal.value}</p>}</div>
			<button
				type="button"
				class={kind === "plain" ? undefined : kind}
				aria-disabled={isBusy.value}
				aria-label={about === undefined ? undefined : `${label}: ${about}`}
				onClick={act}
			>
				{label}
			</button>
		</div>
	);
}

/** What browsers know of a line of text, so that they help to fill it. */
interface Line {
	readonly type?:
		| "text"
		| "email"
		| "tel"
		| "password"
		| "search"
		| "url"
		| "date"
		| "datetime-local"
		| "number";
	readonly autocomplete?: string;
	readonly maxLength?: number;
	readonly minLength?: number;
	readonly min?: string | number;
	readonly max?: string | number;
	readonly pattern?: string;
	readonly required?: boolean;
}

/** One line of text with its label and a hint. */
export function Field({
	label,
	hint,
	value,
	onInput,
	...line
}: Line & {
	label: string;
	hint?: string;
	value: string;
	onInput: (value: string) => void;
}): JSX.Element {
	const id = useId();
	return (
		<div class="field">
			<label for={id}>{label}</label>
			<input
				{...(line as object)}
				id={id}
				value={value}
				aria-describedby={hint === undefined ? undefined : `${id}-hint`}
				onInput={(event) => onInput(event.currentTarget.value)}
			/>
			{hint !== undefined && (
				<p class="hint" id={`${id}-hint`}>
					{hint}
				</p>
			)}
		</div>
	);
}

/** One of some. */
export function Choice<T extends string>({
	label,
	value,
	options,
	onChange,
}: {
	label: string;
	value: T;
	options: readonly (readonly [value: T, label: string])[];
	onChange: (value: T) => void;
}): JSX.Element {
	const id = useId();
	return (
		<div class="field">
			<label for={id}>{label}</label>
			<select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
				{options.map(([one, name]) => (
					<option key={one} value={one}>
						{name}
					</option>
				))}
			</select>
		</div>
	);
}

export function Check({
	label,
	hint,
	checked,
	onChange,
}: {
	label: string;
	hint?: string;
	checked: boolean;
	onChange: (checked: boolean) => void;
}): JSX.Element {
	const id = useId();
	return (
		<div class="check">
			<input
				id={id}
				type="checkbox"
				checked={checked}
				aria-describedby={hint === undefined ? undefined : `${id}-hint`}
				onChange={(event) => onChange(event.currentTarget.checked)}
			/>
			<label for={id}>{label}</label>
			{hint !== undefined && (
				<p class="hint" id={`${id}-hint`}>
					{hint}
				</p>
			)}
		</div>
	);
}

/** Any of some; one after the other by the keyboard. */
export function Several({
	label,
	options,
	chosen,
	onChange,
}: {
	label: string;
	options: readonly (readonly [value: string, label: string])[];
	chosen: readonly string[];
	onChange: (chosen: readonly string[]) => void;
}): JSX.Element {
	return (
		<fieldset>
			<legend>{label}</legend>
			{options.map(([value, name]) => (
				<Check
					key={value}
					label={name}
					checked={chosen.includes(value)}
					onChange={(on) => onChange(on ? [...chosen, value] : chosen.filter((one) => one !== value))}
				/>
			))}
		</fieldset>
	);
}
