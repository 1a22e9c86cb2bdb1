"""``build.rs``: the ways in which a line for Cargo is printed and names libpython."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.buildsystems.rewriting import CARGO, found, reported, text_of

REPORTED = {
    "print with newline": """
    fn main() {
        print!("cargo:rustc-link-lib=python3.11\\n");
    }
    """,
    "named argument": """
    fn main() {
        println!("cargo:rustc-link-lib=python{v}", v = version);
    }
    """,
    "dylib kind with a modifier": """
    fn main() {
        println!("cargo:rustc-link-lib=dylib:+verbatim=libpython3.11.so");
    }
    """,
    "link arg": """
    fn main() {
        println!("cargo:rustc-link-arg=-lpython3.11");
    }
    """,
    "cdylib arg double colon": """
    fn main() {
        println!("cargo::rustc-cdylib-link-arg=-lpython{}", version);
    }
    """,
    "two placeholders": """
    fn main() {
        println!("cargo:rustc-link-lib=python{}.{}", major, minor);
    }
    """,
    "a format string in a variable": """
    fn main() {
        let lib = format!("python3.{}", minor);
        println!("cargo:rustc-link-lib={}", lib);
    }
    """,
    "inline variable": """
    fn main() {
        let lib = "python3.11";
        println!("cargo:rustc-link-lib={lib}");
    }
    """,
    "link flags -L and -l": """
    fn main() {
        println!("cargo:rustc-flags=-l python3.11 -L /usr/lib");
    }
    """,
    "a loop over an array": """
    fn main() {
        for lib in ["m", "python3.12", "dl"] {
            println!("cargo:rustc-link-lib={}", lib);
        }
    }
    """,
    "a loop over a vector by reference, with the name in the text": """
    fn main() {
        let libs = vec!["m", "python3.12"];
        for lib in &libs {
            println!("cargo:rustc-link-lib=dylib={lib}");
        }
    }
    """,
    "a loop over a constant": """
    const LIBS: &[&str] = &["z", "python3.11"];
    fn main() {
        for lib in LIBS.iter() {
            println!("cargo::rustc-link-lib={}", lib);
        }
    }
    """,
    "a loop over pairs": """
    fn main() {
        for (folder, lib) in [("/usr/lib", "python3.12")] {
            println!("cargo:rustc-link-search={folder}");
            println!("cargo:rustc-link-lib={lib}");
        }
    }
    """,
    "a closure for each": """
    fn main() {
        ["m", "python3.12"].iter().for_each(|lib| println!("cargo:rustc-link-lib={}", lib));
    }
    """,
    "flags in a loop": """
    fn main() {
        for flag in ["-lpython3.12"] {
            println!("cargo:rustc-link-arg={flag}");
        }
    }
    """,
    "written to the standard output": """
    fn main() {
        writeln!(std::io::stdout(), "cargo:rustc-link-lib={}", "python3.12").unwrap();
    }
    """,
    "written to a lock of it": """
    fn main() {
        let mut out = io::stdout().lock();
        write!(out, "cargo:rustc-link-lib=python{}\\n", version()).unwrap();
    }
    """,
    "formatted before": """
    fn main() {
        let line = format!("cargo:rustc-link-lib=python{}.{}", 3, minor);
        println!("{}", line);
    }
    """,
    "formatted in the call": """
    fn main() {
        println!("{}", format!("cargo:rustc-link-lib=python3.{}", minor));
    }
    """,
    "only the else of a test for macOS": """
    fn main() {
        if cfg!(target_os = "macos") {
            println!("cargo:rustc-link-lib=framework=CoreFoundation");
        } else {
            println!("cargo:rustc-link-lib=dylib=python3.10")
        }
    }
    """,
    "in a helper function": """
    fn main() {
        link();
    }
    fn link() {
        println!("cargo:rustc-link-lib=python3.11");
    }
    """,
    "under unix cfg block": """
    fn main() {
        #[cfg(unix)]
        {
            println!("cargo:rustc-link-lib=python3.11");
        }
    }
    """,
    "if target os env linux": """
    fn main() {
        if std::env::var("CARGO_CFG_TARGET_OS").unwrap() == "linux" {
            println!("cargo:rustc-link-lib=python3.11");
        }
    }
    """,
    "match arm for linux": """
    fn main() {
        match os.as_str() {
            "linux" => println!("cargo:rustc-link-lib=python3.11"),
            _ => {}
        }
    }
    """,
    "raw string": """
    fn main() {
        println!(r"cargo:rustc-link-lib=python3.11");
    }
    """,
    "framework": """
    fn main() {
        println!("cargo:rustc-link-lib=framework=Python");
    }
    """,
}

SILENT = {
    "loops over other libraries, and over python for other lines": """
    const LIBS: &[&str] = &["z", "python312"];
    fn main() {
        for lib in LIBS { println!("cargo:rustc-link-lib={}", lib); }
        for name in ["python3.12"] { println!("cargo:warning=found {}", name); }
        for lib in ["python3.12"] { eprintln!("cargo:rustc-link-lib={}", lib); }
        for lib in ["python3.12"] { println!("cargo:rustc-link-lib={}", other); }
        let names = ["python3.12"];
        for lib in ["m"] { println!("cargo:rustc-link-lib={}", lib); }
    }
    """,
    "a loop on Windows": """
    fn main() {
        if cfg!(windows) {
            for lib in ["python3"] { println!("cargo:rustc-link-lib={}", lib); }
        }
    }
    """,
    "written to a file": """
    fn main() {
        let mut file = File::create("notes.txt").unwrap();
        writeln!(file, "cargo:rustc-link-lib=python3.12").unwrap();
        let line = format!("cargo:rustc-link-lib=python3.{}", minor);
        fs::write("line.txt", line).unwrap();
        eprintln!("{}", format!("cargo:rustc-link-lib=python3.{}", minor));
    }
    """,
    "a build without the extension module": """
    #[cfg(feature = "extension-module")]
    fn main() {
        pyo3_build_config::add_extension_module_link_args();
    }
    #[cfg(not(feature = "extension-module"))]
    fn main() {
        println!("cargo:rustc-link-lib=python3.12");
    }
    """,
    "PyO3's alias for Windows, and a comment": """
    fn main() {
        #[cfg(all(target_os = "windows", debug_assertions))]
        {
            println!("cargo:rustc-link-lib=pythonXY:{lib_name}", lib_name = name);
        }
        //     println!("cargo:rustc-link-lib=python3.6m");
    }
    """,
    "link search": """
    fn main() {
        println!("cargo:rustc-link-search=native=/usr/lib/python3.11");
    }
    """,
    "eprintln": """
    fn main() {
        eprintln!("cargo:rustc-link-lib=python3.11");
    }
    """,
    "windows cfg block": """
    fn main() {
        #[cfg(windows)]
        {
            println!("cargo:rustc-link-lib=python3.11");
        }
    }
    """,
    "android": """
    fn main() {
        if std::env::var("CARGO_CFG_TARGET_OS").unwrap() == "android" {
            println!("cargo:rustc-link-lib=python3.11");
        }
    }
    """,
    "match arm android": """
    fn main() {
        match os.as_str() {
            "android" => println!("cargo:rustc-link-lib=python3.11"),
            _ => {}
        }
    }
    """,
    "another library in a variable": """
    fn main() {
        let lib = "z";
        println!("cargo:rustc-link-lib={lib}");
    }
    """,
    "a module of tests": """
    fn main() {
        x();
    }
    #[cfg(test)]
    mod tests {
        fn f() {
            let s = "cargo:rustc-link-lib=python3.11";
        }
    }
    """,
    "python2": """
    fn main() {
        println!("cargo:rustc-link-lib=python2.7");
    }
    """,
    "a bin arg": """
    fn main() {
        println!("cargo:rustc-link-arg-bins=-lpython3.11");
    }
    """,
    "a test arg": """
    fn main() {
        println!("cargo:rustc-link-arg-tests=-lpython3.11");
    }
    """,
    "boost": """
    fn main() {
        println!("cargo:rustc-link-lib=boost_python311");
    }
    """,
    "rerun if env": """
    fn main() {
        println!("cargo:rerun-if-env-changed=PYTHON_LIB");
        println!("cargo:rustc-cfg=python3");
    }
    """,
}


PRINTED = 'println!("cargo:rustc-link-lib={lib}");'


@pytest.mark.parametrize(
    ("before", "found"),
    [
        ('let lib = "python3.11";', True),
        ('let mut lib = "python3.11";', True),
        ('let lib: &str = "python3.11";', True),
        ('let lib: &\'static str =\n    "python3.11";', True),
        ('let lib = "python3.11".to_string();', True),
        ('let lib = String::from("python3.11");', True),
        ('let lib = &"python3.11";', True),
        ('let lib = format!("python3.{}", 11);', True),
        ('const lib: &str = "python3.11";', True),
        ('static lib: &str = "python3.11";', True),
        ('let /* the library */ lib = "python3.11"; // lib', True),
        ('let library = "python3.11"; let lib = "z";', False),
        ('// let lib = "python3.11";\nlet lib = name();', False),
        ('/* let lib = "python3.11"; */ let lib = name();', False),
        ('let lib = "python3.11"; let lib = name();', False),
        ('let lib = "python3.11"; let lib = "z";', False),
        ("let outlet = 1; let lib = name();", False),
        ('if lib == "python3.11" {} let lib = name();', False),
        ('let lib = lib_of("python3.11");', False),
    ],
)
def test_a_line_for_cargo_has_a_variable(tmp_path: Path, before: str, found: bool) -> None:
    (tmp_path / "Cargo.toml").write_text(CARGO)
    file = tmp_path / "build.rs"
    text = f"fn main() {{\n    {before}\n    {PRINTED}\n}}\n"
    file.write_text(text)
    assert [code for code, _ in reported(text, str(file))] == ["NLP201"] * found


@pytest.mark.parametrize("name", [*REPORTED, *SILENT])
def test_a_line_for_cargo_names_libpython(tmp_path: Path, name: str) -> None:
    (tmp_path / "Cargo.toml").write_text(CARGO)
    file = tmp_path / "build.rs"
    text = text_of({**REPORTED, **SILENT}[name])
    file.write_text(text)
    codes = [code for code, _ in reported(text, str(file))]
    assert codes == ["NLP201"] * (name in REPORTED)


MODULE = 'println!("cargo:rustc-cdylib-link-arg=-lpython3.11");'
LOOKUP = 'println!("cargo:rustc-cdylib-link-arg=-Wl,-undefined,dynamic_lookup");'


@pytest.mark.parametrize(
    ("lines", "caveats"),
    [
        (f"{MODULE} {LOOKUP}", []),
        (f"pyo3_build_config::add_extension_module_link_args(); {MODULE}", []),
        (f'{LOOKUP} println!("cargo::rustc-link-arg-cdylib=-lpython3.11");', []),
        (f'if os == "linux" {{}} else {{ {MODULE} {LOOKUP} }}', ["Windows"]),
        (f'match os {{ "linux" => {{}}, _ => {{ {MODULE} {LOOKUP} }} }}', ["Windows"]),
        (f"if cfg!(unix) {{ return; }} {MODULE} {LOOKUP}", ["Windows"]),
        (f"if cfg!(not(windows)) {{ {MODULE} {LOOKUP} }}", []),
        (MODULE, ["macOS"]),
        (f"{MODULE} // no dynamic_lookup", ["macOS"]),
        (f"{MODULE} /* {LOOKUP} */", ["macOS"]),
        (f'{LOOKUP} println!("cargo:rustc-link-arg=-lpython3.11");', ["cargo test"]),
        (f'{LOOKUP} println!("cargo:rustc-link-lib=python3.11");', ["cargo test"]),
        (f'{LOOKUP} println!("cargo:rustc-flags=-l python3.11");', ["cargo test"]),
        (f'{LOOKUP} println!("cargo:rustc-cdylib-link-arg=-lpython{{}}", v);', ["names"]),
        (f'{LOOKUP} println!("cargo:rustc-cdylib-link-arg=-lpython{{v}}");', ["names"]),
        ('println!("cargo:rustc-link-lib=python{v}");', ["macOS", "cargo test", "names"]),
    ],
)
def test_a_fix_is_safe_that_reaches_the_module_alone(
    tmp_path: Path, lines: str, caveats: list[str]
) -> None:
    """The first lines stand for what ``test_real_builds`` builds."""
    (tmp_path / "Cargo.toml").write_text(CARGO)
    file = tmp_path / "build.rs"
    file.write_text(text := f"fn main() {{ {lines} }}\n")
    (finding,) = found(text, str(file))
    assert finding.fix is not None
    assert [any(part in one for one in finding.fix.caveats) for part in caveats] == [True] * len(
        finding.fix.caveats
    )


OTHERS = [
    'match os { "linux" | "macos" => {} _ => @ }',
    'match os.as_str() { "linux" => {}, "macos" => {}, _ => { @ } }',
    'match os { "linux" => a(), "macos" => { b(); } other => { if x { @ } } }',
    'match env::var("OS").as_deref() { Ok("linux") | Ok("macos") => {}, _ => @, }',
    'if os == "linux" {} else if os == "macos" {} else { @ }',
    'if os == "linux" || os == "macos" { a(); } else { @ }',
    'if cfg!(target_os = "linux") {} else if cfg!(target_os = "macos") {} else { @ }',
    'if cfg!(any(target_os = "linux", target_os = "macos")) {} else { @ }',
    "if cfg!(unix) {} else { @ }",
    'if ["linux", "macos"].contains(&os) {} else { @ }',
    'if matches!(os, "linux" | "macos") {} else { @ }',
    'if os == "linux" {} else if os == "macos" {} else if x { @ }',
]
OWN = [
    'match os { "linux" => {}, _ => @ }',
    'match os { "linux" | "macos" if x => {}, _ => @ }',
    'match (os, arch) { ("linux", "x86") => {}, ("macos", _) => {}, _ => @ }',
    'match os { "linux" | "macos" => @ _ => {} }',
    'match os { "linux" => {}, "macos" => @ _ => {} }',
    'match os { "linux" => {}, "freebsd" => {}, _ => { @ } }',
    'if os == "linux" {} else { @ }',
    'if os == "linux" && x {} else if os == "macos" {} else { @ }',
    'if os != "linux" {} else if os == "macos" {} else { @ }',
    'if !["linux", "macos"].contains(&os) {} else { @ }',
    'if !(os == "linux" || os == "macos") {} else { @ }',
    'if cfg!(all(target_os = "linux", x)) {} else if cfg!(target_os = "macos") {} else { @ }',
    'if os == "linux" {} if os == "macos" {} else { @ }',
    "if cfg!(not(unix)) {} else { @ }",
    'if cfg!(any(not(target_os = "linux"), target_os = "macos")) {} else { @ }',
    'if matches!(os, "linux" | "macos" if x) {} else { @ }',
]


@pytest.mark.parametrize("lines", [*OTHERS, *OWN])
def test_what_remains_after_linux_and_macos_is_for_others(tmp_path: Path, lines: str) -> None:
    (tmp_path / "Cargo.toml").write_text(CARGO)
    call = MODULE.removesuffix(";") + (";" if "{ @ }" in lines else ",")
    (tmp_path / "build.rs").write_text(text := f"fn main() {{ {lines.replace('@', call)} }}\n")
    assert len(found(text, str(tmp_path / "build.rs"))) == (lines in OWN)


def test_a_package_with_programs_is_no_module(tmp_path: Path) -> None:
    (tmp_path / "Cargo.toml").write_text(CARGO)
    (tmp_path / "src" / "bin").mkdir(parents=True)
    (tmp_path / "build.rs").write_text(text := f"fn main() {{ {MODULE} }}\n")
    assert not found(text, str(tmp_path / "build.rs"))
