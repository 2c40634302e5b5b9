// A number with its name.
export function Figure ({ name, children, note, grade = '' }) {
  return (
    <div class={`figure ${grade}`}>
      <dt>{name}</dt>
      <dd>{children}{note ? <small>{note}</small> : null}</dd>
    </div>
  )
}

export const Figures = ({ label, children }) => <dl class='figures' aria-label={label}>{children}</dl>
