# Oracle: Elixir's Version, which Hex uses. Reads a<TAB>b lines, writes one of < = > ! (invalid) a line.
if System.argv() == ["--version"] do
  IO.puts("Version of Elixir #{System.version()}")
else
  for line <- IO.stream(:stdio, :line) do
    [a, b] = line |> String.trim_trailing("\n") |> String.split("\t")

    case {Version.parse(a), Version.parse(b)} do
      {{:ok, a}, {:ok, b}} -> IO.puts(Map.fetch!(%{lt: "<", eq: "=", gt: ">"}, Version.compare(a, b)))
      _ -> IO.puts("!")
    end
  end
end
