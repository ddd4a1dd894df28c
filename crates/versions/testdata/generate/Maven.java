// Oracle: org.apache.maven.artifact.versioning.ComparableVersion. Reads a<TAB>b lines, writes one of < = > a line.
// Run as: java -cp maven-artifact-VERSION.jar Maven.java
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.apache.maven.artifact.versioning.ComparableVersion;

public class Maven {
    public static void main(String[] args) throws Exception {
        if (args.length == 1) {
            System.out.println("ComparableVersion of maven-artifact " + args[0]);
            return;
        }
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] pair = line.split("\t", -1);
            int sign = new ComparableVersion(pair[0]).compareTo(new ComparableVersion(pair[1]));
            System.out.println(sign < 0 ? "<" : sign > 0 ? ">" : "=");
        }
    }
}
